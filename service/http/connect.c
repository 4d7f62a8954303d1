/*
 * The request to the relay proxy. Credentials go straight into the base64 (RFC 7617, RFC 4648): no
 * copy of "user:password" is ever made.
 */
#include "http/connect.h"

static enum err connect_check_login(struct span user, struct span password)
{
    if (user.len > CONNECT_LOGIN_MAX || password.len > CONNECT_LOGIN_MAX - user.len ||
        span_find(user, ':') < user.len) {
        return ERR_LOGIN;
    }
    for (size_t i = 0; i < user.len + password.len; i++) {
        uint8_t byte = i < user.len ? user.at[i] : password.at[i - user.len];
        if (byte < ' ' || byte == 0x7F) {
            return ERR_LOGIN;
        }
    }
    return ERR_OK;
}

/* One byte of "user:password". */
static uint8_t connect_login_byte(struct span user, struct span password, size_t at)
{
    return at < user.len    ? user.at[at]
           : at == user.len ? (uint8_t)':'
                            : password.at[at - user.len - 1];
}

static void connect_put_login(struct span user, struct span password, struct out *out)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t len = user.len + 1 + password.len;
    for (size_t at = 0; at < len; at += 3) {
        uint32_t group = 0;
        for (size_t i = at; i < at + 3; i++) {
            group = group << 8 | (i < len ? connect_login_byte(user, password, i) : 0U);
        }
        for (unsigned i = 0; i < 4; i++) {
            out_char(out, at + i <= len ? digits[group >> (18 - 6 * i) & 0x3F] : '=');
        }
    }
}

enum err connect_put(const struct authority *target, struct span user, struct span password,
                     struct out *out)
{
    TRY(connect_check_login(user, password));
    out_str(out, "CONNECT ");
    authority_print(target, out);
    out_str(out, " HTTP/1.1\r\nHost: ");
    authority_print(target, out);
    if (user.len + password.len > 0) {
        out_str(out, "\r\nProxy-Authorization: Basic ");
        connect_put_login(user, password, out);
    }
    out_str(out, "\r\n\r\n");
    return out_end(out);
}
