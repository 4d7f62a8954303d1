/*
 * The tunnel of the tests and the recorded talks.
 */
#include "unit/tls_world.h"

static const char *const points[] = {"hello",       "chosen", "resumed",
                                     "certificate", "proof",  "ticket"};

static void note_span(struct out *out, const char *name, struct span bytes)
{
    if (bytes.len > 0) {
        out_str(out, name);
        out_u64(out, bytes.len);
    }
}

static void note_hello(struct out *out, const struct tls_facts *facts, struct span sni)
{
    out_str(out, " ");
    out_hex(out, facts->offered_least);
    out_str(out, "-");
    out_hex(out, facts->offered_most);
    out_str(out, sni.len > 0 ? " sni " : "");
    out_put(out, sni);
    out_str(out, facts->has_alpn ? " alpn" : "");
    out_str(out, facts->has_ech ? " ech" : "");
    out_str(out, facts->has_psk ? " psk" : "");
    out_str(out, facts->has_early_data ? " early" : "");
}

static void note_certificate(struct out *out, const struct tls_facts *facts)
{
    out_str(out, facts->certificate == TLS_CERTIFICATE_SHOWN ? " shown" : " none");
    out_str(out, facts->asked ? " asked" : "");
}

/* A line for each question: the point, its facts, the sizes of its spans. */
static enum err world_judge(void *tunnel, enum tls_point point, const struct tls_facts *facts,
                            const struct tls_bytes *bytes)
{
    struct world *world = tunnel;
    struct out *out = &world->out;
    out_str(out, points[point]);
    if (point == TLS_AT_HELLO) {
        note_hello(out, facts, bytes->sni);
    } else if (point == TLS_AT_CHOSEN) {
        out_str(out, " ");
        out_hex(out, facts->chosen);
    } else if (point == TLS_AT_CERTIFICATE) {
        note_certificate(out, facts);
    }
    note_span(out, " id ", bytes->session_id);
    note_span(out, " ticket ", bytes->ticket);
    note_span(out, " leaf ", bytes->leaf);
    note_span(out, " subject ", bytes->subject);
    note_span(out, " key ", bytes->key);
    note_span(out, " signature ", bytes->signature);
    if (bytes->transcript) {
        out_str(out, " transcript ");
        out_u64(out, bytes->transcript->len);
    }
    out_str(out, "\n");
    world->asked++;
    return world->asked == world->refuse ? ERR_SNI_OTHER : ERR_OK;
}

static void *world_memory(size_t size)
{
    void *memory = malloc(size);
    assert_non_null(memory);
    return memory;
}

void world_open(struct world *world)
{
    struct pool_memory memory = {.item_size = sizeof(struct chain_block),
                                 .count = WORLD_BLOCKS,
                                 .share = WORLD_BLOCKS,
                                 .poison = true};
    memory.items = world_memory(memory.item_size * memory.count);
    memory.slots = world_memory(sizeof *memory.slots * memory.count);
    pool_init(&world->pool, &memory);
    world->shop = (struct tls_shop){&world->pool, world_memory(TLS_HELD_MAX), world_judge, true};
    for (unsigned side = 0; side < 2; side++) {
        world->fed[side].at = world_memory(WORLD_STREAM);
        world->sent[side].at = world_memory(WORLD_STREAM);
    }
}

void world_close(struct world *world)
{
    assert_true(pool_is_full(&world->pool));
    free(world->pool.memory.items);
    free(world->pool.memory.slots);
    free(world->shop.scratch);
    for (unsigned side = 0; side < 2; side++) {
        free(world->fed[side].at);
        free(world->sent[side].at);
    }
}

void world_begin(struct world *world)
{
    const struct tls_ask ask = {&world->shop, world, NULL};
    tls_begin(&world->tls, &ask);
    out_begin(&world->out, world->notes, sizeof world->notes);
    world->asked = 0;
    world->state = TLS_WATCHING;
    world->err = ERR_OK;
    for (unsigned side = 0; side < 2; side++) {
        world->fed[side].len = 0;
        world->sent[side].len = 0;
    }
}

void world_end(struct world *world)
{
    tls_end(&world->tls);
    assert_true(pool_is_full(&world->pool));
}

static void world_append(struct world_stream *stream, struct span bytes)
{
    assert_true(bytes.len <= WORLD_STREAM - stream->len);
    memcpy(stream->at + stream->len, bytes.at, bytes.len);
    stream->len += bytes.len;
}

/* What goes is what came, from its beginning. */
static void world_drain(struct world *world, enum tls_side side)
{
    struct span piece;
    while (tls_take(&world->tls, side, &piece)) {
        const struct world_stream *fed = &world->fed[side];
        size_t at = world->sent[side].len;
        assert_true(piece.len > 0 && piece.len <= fed->len - at);
        assert_memory_equal(piece.at, fed->at + at, piece.len);
        world_append(&world->sent[side], piece);
    }
}

void world_feed(struct world *world, enum tls_side side, struct span bytes)
{
    uint8_t *copy = unit_copy(bytes);
    world_append(&world->fed[side], bytes);
    world->err = tls_feed(&world->tls, side, span_of(copy, bytes.len), &world->state);
    assert_true((world->err != ERR_OK) == (world->state == TLS_REFUSED));
    world_drain(world, side);
    if (world->state == TLS_PASSED) {
        world_drain(world, side == TLS_CLIENT ? TLS_SERVER : TLS_CLIENT);
        assert_true(pool_is_full(&world->pool));
    }
    free(copy);
}

static bool world_is_open(const struct world *world)
{
    return world->state == TLS_WATCHING || world->state == TLS_PASSED;
}

void world_play(struct world *world, const struct world_talk *talk, const struct world_cut *cut)
{
    world_begin(world);
    for (size_t i = 0; i < talk->count && world_is_open(world); i++) {
        struct span left = talk->chunks[i].bytes;
        size_t most = cut->most > 0 ? cut->most : left.len;
        most = cut->split > 0 && cut->chunk == i ? cut->split : most;
        while (left.len > 0 && world_is_open(world)) {
            size_t count = left.len < most ? left.len : most;
            world_feed(world, talk->chunks[i].side, span_first(left, count));
            left = span_after(left, count);
            most = cut->most > 0 ? cut->most : left.len;
        }
    }
}

static void talk_begin(struct world_talk *talk, size_t size)
{
    talk->bytes = world_memory(size > 0 ? size : 1);
    talk->count = 0;
    talk->len = 0;
}

static void talk_chunk(struct world_talk *talk, enum tls_side side)
{
    assert_true(talk->count < WORLD_CHUNKS);
    talk->chunks[talk->count].side = side;
    talk->chunks[talk->count].bytes = span_of(talk->bytes + talk->len, 0);
    talk->count++;
}

static void talk_put(struct world_talk *talk, struct span bytes)
{
    memcpy(talk->bytes + talk->len, bytes.at, bytes.len);
    talk->len += bytes.len;
    talk->chunks[talk->count - 1].bytes.len += bytes.len;
}

static void talk_line(struct world_talk *talk, struct span line)
{
    if (line.len < 2 || line.at[0] == '#') {
        return;
    }
    talk_chunk(talk, line.at[0] == '>' ? TLS_CLIENT : TLS_SERVER);
    for (size_t i = 2; i + 1 < line.len; i += 2) {
        uint8_t high = 0, low = 0;
        assert_true(span_hex_digit(line.at[i], &high) && span_hex_digit(line.at[i + 1], &low));
        uint8_t byte = (uint8_t)(high << 4 | low);
        talk_put(talk, span_of(&byte, 1));
    }
}

void world_load(const char *name, struct world_talk *talk)
{
    enum { FILE_MAX = 1 << 16 };
    char path[1024];
    uint8_t *text = world_memory(FILE_MAX);
    (void)snprintf(path, sizeof path, "%s/%s.txt", HANDSHAKES, name);
    FILE *file = fopen(path, "rb");
    unit_holds(file != NULL, "%s", path);
    struct span rest = {text, fread(text, 1, FILE_MAX, file)}, line;
    assert_true(rest.len > 0 && rest.len < FILE_MAX);
    (void)fclose(file);
    talk_begin(talk, rest.len / 2);
    bool done = false;
    while (span_cut(&rest, '\n', &done, &line)) {
        talk_line(talk, span_trim(line));
    }
    free(text);
}

static void talk_record(struct world_talk *made, const uint8_t *header, struct span body)
{
    const uint8_t made_header[] = {header[0], header[1], header[2], (uint8_t)(body.len >> 8),
                                   (uint8_t)body.len};
    talk_put(made, span_of(made_header, sizeof made_header));
    talk_put(made, body);
}

void world_reframe(const struct world_talk *talk, size_t most, bool empty, struct world_talk *made)
{
    enum { HANDSHAKE = 22, EVERY = 400 };
    talk_begin(made, talk->len * 7 + 64);
    for (size_t i = 0; i < talk->count; i++) {
        struct span left = talk->chunks[i].bytes;
        size_t records = 0;
        talk_chunk(made, talk->chunks[i].side);
        while (left.len > 0) {
            size_t len = (size_t)left.at[3] << 8 | left.at[4];
            struct span body = span_first(span_after(left, 5), len);
            while (body.len > most && left.at[0] == HANDSHAKE) {
                if (empty && records++ % EVERY == 0) {
                    talk_record(made, left.at, span_first(body, 0));
                }
                talk_record(made, left.at, span_first(body, most));
                body = span_after(body, most);
            }
            talk_record(made, left.at, body);
            left = span_after(left, 5 + len);
        }
    }
}

void world_free(struct world_talk *talk)
{
    free(talk->bytes);
}

struct world_stream world_side(const struct world_talk *talk, enum tls_side side)
{
    struct world_stream stream = {world_memory(talk->len + 1), 0};
    for (size_t i = 0; i < talk->count; i++) {
        if (talk->chunks[i].side == side) {
            world_append(&stream, talk->chunks[i].bytes);
        }
    }
    return stream;
}
