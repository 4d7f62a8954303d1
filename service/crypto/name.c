/*
 * name.h over OpenSSL, which knows the alphabets. What it takes is looked at again: a value with a
 * NUL inside is one name to a program that counts bytes, and another to one that does not.
 */
#include "crypto/name.h"

#include "base/utf.h"

#include <openssl/objects.h>
#include <openssl/x509.h>

static enum err name_read_value(const X509_NAME_ENTRY *entry, uint8_t **bytes, struct span *value)
{
    int len = ASN1_STRING_to_UTF8(bytes, X509_NAME_ENTRY_get_data(entry));
    if (len < 0) {
        *bytes = NULL;
        return ERR_CERTIFICATE_UNREADABLE;
    }
    *value = span_of(*bytes, (size_t)len);
    bool well = len > 0 && len <= NAME_VALUE_MAX && span_find(*value, 0) == value->len;
    return well && utf_valid(*value) ? ERR_OK : ERR_CERTIFICATE_UNREADABLE;
}

static enum err name_read_oid(const X509_NAME_ENTRY *entry, char place[NAME_OID_MAX],
                              struct span *oid)
{
    int len = OBJ_obj2txt(place, NAME_OID_MAX, X509_NAME_ENTRY_get_object(entry), 1);
    if (len <= 0 || len >= NAME_OID_MAX) {
        return ERR_CERTIFICATE_UNREADABLE;
    }
    *oid = span_of(place, (size_t)len);
    return ERR_OK;
}

static enum err name_visit(X509_NAME *name, void *context,
                           enum err (*visit)(void *context, const struct name_attribute *attribute))
{
    int count = X509_NAME_entry_count(name), set = -1;
    if (count > NAME_ATTRIBUTES_MAX) {
        return ERR_CERTIFICATE_UNREADABLE;
    }
    for (int i = 0; i < count; i++) {
        const X509_NAME_ENTRY *entry = X509_NAME_get_entry(name, i);
        struct name_attribute attribute = {.joined = X509_NAME_ENTRY_set(entry) == set};
        char place[NAME_OID_MAX];
        uint8_t *bytes = NULL;
        set = X509_NAME_ENTRY_set(entry);
        enum err err = name_read_oid(entry, place, &attribute.oid);
        err = err == ERR_OK ? name_read_value(entry, &bytes, &attribute.value) : err;
        err = err == ERR_OK ? visit(context, &attribute) : err;
        OPENSSL_free(bytes);
        TRY(err);
    }
    return ERR_OK;
}

enum err name_read(struct span der, void *context,
                   enum err (*visit)(void *context, const struct name_attribute *attribute))
{
    const uint8_t *at = der.at;
    if (der.len == 0 || der.len > INT32_MAX) {
        return ERR_CERTIFICATE_UNREADABLE;
    }
    X509_NAME *name = d2i_X509_NAME(NULL, &at, (long)der.len);
    if (!name) {
        return ERR_CERTIFICATE_UNREADABLE;
    }
    enum err err =
        at == der.at + der.len ? name_visit(name, context, visit) : ERR_CERTIFICATE_UNREADABLE;
    X509_NAME_free(name);
    return err;
}
