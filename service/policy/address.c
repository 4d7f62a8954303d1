/*
 * The two tables of ranges.def and their look-up. Knows numbers only.
 */
#include "policy/address.h"

#include <string.h>

struct address_form {
    uint8_t at, length, bytes[12], from[4], flip;
};

#define BYTES(...)                                                                                 \
    {                                                                                              \
        __VA_ARGS__                                                                                \
    }
static const struct address_range address_ranges[] = {
#define RANGE(kind, family, prefix, bytes, text, what)                                             \
    {ADDRESS_##kind, {{family, bytes}, prefix}, text, what},
#define FORM(at, length, bytes, a, b, c, d, flip)
#include "policy/ranges.def"
#undef RANGE
#undef FORM
};

static const struct address_form address_forms[] = {
#define RANGE(kind, family, prefix, bytes, text, what)
#define FORM(at, length, bytes, a, b, c, d, flip) {at, length, bytes, {a, b, c, d}, flip},
#include "policy/ranges.def"
#undef RANGE
#undef FORM
};

size_t address_faces(const struct addr *addr, struct addr faces[ADDRESS_FACES_MAX])
{
    size_t count = 1;
    faces[0] = *addr;
    for (size_t i = 0; i < sizeof address_forms / sizeof address_forms[0]; i++) {
        const struct address_form *form = &address_forms[i];
        if (addr->family == ADDR_IPV6 &&
            memcmp(addr->bytes + form->at, form->bytes, form->length) == 0) {
            struct addr inner = {ADDR_IPV4, {0}};
            for (size_t k = 0; k < sizeof form->from; k++) {
                inner.bytes[k] = addr->bytes[form->from[k]] ^ form->flip;
            }
            CHECK(count < ADDRESS_FACES_MAX);
            faces[count++] = inner;
        }
    }
    return count;
}

const struct address_range *address_find_range(const struct addr *addr)
{
    for (size_t i = 0; i < sizeof address_ranges / sizeof address_ranges[0]; i++) {
        if (cidr_contains(&address_ranges[i].net, addr)) {
            return &address_ranges[i];
        }
    }
    return NULL;
}
