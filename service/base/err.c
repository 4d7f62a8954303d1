/*
 * The columns of err.def as arrays. Owns nothing else: a new error is a new row there.
 */
#include "base/err.h"

struct err_row {
    const char *name;
    uint16_t http_status;
    const char *proxy_status;
    uint16_t event;
    const char *sentence;
};

static const struct err_row err_rows[ERR_COUNT] = {
#define ERR(name, http, rfc9209, event, sentence)                                                  \
    [ERR_##name] = {#name, http, rfc9209, event, sentence},
#include "base/err.def"
#undef ERR
};

static const struct err_row *err_row(enum err err)
{
    CHECK((unsigned)err < ERR_COUNT);
    return &err_rows[err];
}

const char *err_name(enum err err)
{
    return err_row(err)->name;
}

const char *err_sentence(enum err err)
{
    return err_row(err)->sentence;
}

uint16_t err_http_status(enum err err)
{
    return err_row(err)->http_status;
}

const char *err_proxy_status(enum err err)
{
    return err_row(err)->proxy_status;
}

uint16_t err_event(enum err err)
{
    return err_row(err)->event;
}
