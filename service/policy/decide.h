/*
 * The decisions: is this client allowed to ask for this host and port, is this address one to
 * connect to, may this handshake go on? Each answer is ERR_OK or the error that the client is told,
 * and names its rule. Pure: a snapshot and facts, no clock, no I/O, no memory of its own.
 */
#ifndef POLICY_DECIDE_H
#define POLICY_DECIDE_H

#include "policy/address.h"
#include "policy/snapshot.h"

enum policy_rule_kind {
#define RULE(name, words) POLICY_RULE_##name,
#include "policy/rules.def"
#undef RULE
    POLICY_RULE_COUNT
};

/* Points into the snapshot; whoever keeps it longer prints it. Unused fields are zero. */
struct policy_rule {
    enum policy_rule_kind kind;
    const struct snapshot_row *row;    /* HOST, SUBJECT */
    const struct address_range *range; /* RANGE */
    struct addr addr;                  /* of a target: what was judged, itself or what it carries */
    const struct cidr *network;        /* NETWORK, CLIENTS where it lets in */
};

struct policy_request {
    struct addr client;
    struct span host; /* as in the CONNECT, without the port */
    uint16_t port;
};

struct policy_target {
    struct endpoint endpoint;
    bool relay; /* of the relay proxy: the administrator's choice, but never ourselves */
};

enum policy_certificate {
    POLICY_CERTIFICATE_UNKNOWN,
    POLICY_CERTIFICATE_NONE,
    POLICY_CERTIFICATE_SHOWN
};
enum policy_resumed { POLICY_RESUMED_NOT, POLICY_RESUMED_KNOWN, POLICY_RESUMED_UNKNOWN };

/*
 * What is known of a handshake so far; asked again whenever more is. Versions are as on the wire
 * (0x0303), 0 while not known. Of a resumed session that was judged here, the certificate's fields
 * are those of its full handshake. TLS 1.3 shows no certificate: they stay as they are.
 */
struct policy_tls {
    struct span host;                     /* as in the CONNECT */
    struct span sni;                      /* empty: none */
    uint16_t offered_least, offered_most; /* SSL counts, GREASE does not */
    uint16_t chosen;
    bool early; /* the client may send data before the server answers */
    bool ech;   /* the extension is there */
    bool asked; /* the server asked for a certificate */
    enum policy_certificate certificate;
    enum policy_resumed resumed;
    struct span subject; /* of a certificate that was shown: its pairs, see subject.h */
};

MUST_CHECK enum err policy_decide_request(const struct snapshot *snapshot,
                                          const struct policy_request *request,
                                          struct policy_rule *rule);
/* Its two parts: the client, and what does not depend on it. */
MUST_CHECK enum err policy_decide_client(const struct snapshot *snapshot, const struct addr *client,
                                         struct policy_rule *rule);
MUST_CHECK enum err policy_decide_host(const struct snapshot *snapshot, struct span host,
                                       uint16_t port, struct policy_rule *rule);
/* For every address that a name has, and for a literal one, each time before it is used. */
MUST_CHECK enum err policy_decide_target(const struct snapshot *snapshot,
                                         const struct policy_target *target,
                                         struct policy_rule *rule);
/* Whether that target is one that nothing allows. */
MUST_CHECK enum err policy_decide_never(const struct snapshot *snapshot,
                                        const struct endpoint *target, struct policy_rule *rule);
/* Whether the certificate that the row of this id had let in may stay: it goes with its row. */
MUST_CHECK enum err policy_decide_subject(const struct snapshot *snapshot, uint64_t row);
MUST_CHECK enum err policy_decide_tls(const struct snapshot *snapshot, const struct policy_tls *tls,
                                      struct policy_rule *rule);

#endif
