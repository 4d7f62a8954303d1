"""Examples for the rules that say who may include whom.

Owns no rule: each row is a small tree and what a rule must say about it.
"""
from example import Bad, Good


def c(*includes):
    """A C file with these includes, the first of them in line 1."""
    return "".join(f"#include {name}\n" for name in includes)


def bad_floor(path, include, says):
    """One include that breaks the floors, in line 2 after one that does not."""
    return Bad("floors", {path: c("<stddef.h>", include)}, (f"{path}:2",), says)


def good_floor(path, *includes):
    return Good("floors", {path: c(*includes)})


def bad_header(path, include, says):
    """One header that the file may not see, in line 2 after one that everybody may."""
    return Bad("os_headers", {path: c("<stdint.h>", include)}, (f"{path}:2",), says)


def good_header(path, *includes):
    return Good("os_headers", {path: c(*includes)})


BAD = (
    bad_floor("service/base/err.c", '"crypto/digest.h"', "base (floor 0) includes"),
    bad_floor("service/tls/hello.c", '"http/head.h"', "http (floor 2)"),
    bad_floor("service/settings/table.c", '"policy/decide.h"', "lower floors"),
    bad_floor("service/hostsets/expand.c", '"settings/settings.h"', "lower floors"),
    bad_floor("service/sys/sys_linux.c", '"io/io.h"', "sys (floor 3) includes"),
    bad_floor("service/gateway/tunnel.c", '"store/open.h"', "store (floor 5)"),
    bad_floor("service/status/status.c", '"fetch/fetch.h"', "fetch (floor 5)"),
    bad_floor("service/report/test.c", '"host/host.h"', "host (floor 6)"),
    bad_floor("service/store/rows.c", '"eventlog/sink_file.h"', "sink (floor 5)"),
    bad_floor("service/host/main.c", '"psmodule/omsgw.h"', "psmodule"),
    bad_floor("service/io/io.c", '"unit/fake.h"', "names no room"),
    bad_floor("service/io/io.c", '"tests/unit/fake.h"', "names no room"),
    bad_floor("service/io/io.c", '"io.h"', 'write "room/file.h"'),
    bad_floor("service/io/io.c", '"../base/err.h"', 'write "room/file.h"'),
    bad_floor("service/io/io.c", '"io/../base/err.h"', 'write "room/file.h"'),
    bad_floor("service/io/io.c", "BACKEND_H", "hides its file"),
    bad_floor("service/base/err.h", '"tls/tls_names.def"', "tls (floor 2)"),
    bad_floor("service/base/err.def", '"tls/tls_names.def"', "tls (floor 2)"),
    bad_floor("service/host/cli/cli.c", '"cli/cli.h"', "names no room"),
    bad_floor("eventlog/event.c", '"eventlog/sink.h"', "event (floor 2) includes"),
    bad_floor("eventlog/event.c", '"perfcounters/counter.h"', "counter (floor 2)"),
    bad_floor("eventlog/lang/de.def", '"io/io.h"', "event (floor 2)"),
    bad_floor("perfcounters/lang/de.def", '"io/io.h"', "counter (floor 2)"),
    bad_floor("perfcounters/counter.c", '"perfcounters/publish_map.h"', "publish (floor 5)"),
    bad_floor("psmodule/dll_main.c", '"gateway/tunnel.h"', "psmodule includes"),
    bad_floor("psmodule/dll_main.c", '"io/io.h"', "psmodule includes"),
    bad_floor("psmodule/dll_main.c", '"host/engine.h"', "psmodule includes"),
    bad_floor("service/admin/check.c", '"fetch/fetch.h"', "admin (floor 5) includes"),
    bad_floor("installer/action_port.c", '"document/export.h"', "installer includes"),
    bad_floor("service/tools/omsgen.c", '"settings/settings.h"', "tools includes"),
    Bad("floors", {"service/attic/x.c": ""}, ("service/attic/x.c:1",), "stands on no floor"),
    Bad("floors", {"service/x.c": ""}, ("service/x.c:1",), "stands on no floor"),
    Bad("floors", {"eventlog/other.c": ""}, ("eventlog/other.c:1",), "stands on no floor"),
    bad_header("service/base/err.c", "<unistd.h>", "no ISO C17 header"),
    bad_header("service/base/err_linux.c", "<unistd.h>", "no ISO C17 header"),
    bad_header("service/base/err.def", "<unistd.h>", "no ISO C17 header"),
    bad_header("service/base/sys.c", "<unistd.h>", "no ISO C17 header"),
    bad_header("service/io/io.c", "<windows.h>", "no ISO C17 header"),
    bad_header("service/io/io.c", "<base/err.h>", "no ISO C17 header"),
    *(bad_header(path, "<unistd.h>", "no ISO C17 header") for path in (
        "service/gateway/io_x.c", "service/gateway/resolve_x.c", "service/io/sys_x.c",
        "service/sys/host_x.c", "service/store/sink_x.c", "eventlog/publish_x.c",
        "installer/dll_x.c", "service/host/action_x.c", "perfcounters/sink_x.c")),
    bad_header("service/host/main.c", "<sqlite3.h>", "belongs to store"),
    bad_header("service/fetch/fetch.c", "<libxml/parser.h>", "belongs to document"),
    bad_header("service/tls/certs.c", "<openssl/x509.h>", "belongs to crypto and fetch"),
    bad_header("service/sys/sys_linux.c", "<openssl/rand.h>", "belongs to crypto and fetch"),
    bad_header("service/base/ring.c", "<stdatomic.h>", "base/atom.h alone"),
    bad_header("tests/unit/ring.c", "<stdatomic.h>", "base/atom.h alone"),
    bad_header("service/io/atom.h", "<stdatomic.h>", "base/atom.h alone"),
    bad_header("service/sys/sys_linux.c", "<threads.h>", "is used nowhere"),
    bad_header("service/base/err.c", "<assert.h>", "use CHECK"),
    bad_header("service/base/err.c", "<setjmp.h>", "enum err"),
    bad_header("service/host/host_linux.c", "<locale.h>", "no locale"),
    bad_header("service/io/io_epoll.c", "<signal.h>", "only host_* and sys_*"),
    bad_header("service/gateway/sys_x.c", "<signal.h>", "only host_* and sys_*"),
    bad_header("tests/unit/base.c", "<signal.h>", "only host_* and sys_*"),
    bad_header("tests/unit/base.c", "<assert.h>", "use CHECK"),
    bad_header("tests/unit/base.c", "<unistd.h>", "no ISO C17 header"),
    bad_header("service/base/err.c", "<cmocka.h>", "no ISO C17 header"),
    Bad("os_headers", {"service/io/io.h": "/*\n*/ # include <sys/socket.h> /* why */\n"},
        ("service/io/io.h:2",), "<sys/socket.h>"),
)

GOOD = (
    good_floor("service/base/err.c", '"base/err.h"', '"base/err.def"', "<stdio.h>"),
    good_floor("service/policy/decide.c", '"settings/settings.h"', '"base/span.h"'),
    good_floor("service/hostsets/expand.c", '"policy/compile.h"'),
    good_floor("service/io/io.c", '"sys/sys.h"', '"eventlog/event.h"'),
    good_floor("service/shared/quota.c", '"sys/sys.h"'),
    good_floor("service/gateway/tunnel.c", '"shared/quota.h"', '"perfcounters/counter.h"'),
    good_floor("service/store/open.c", '"gateway/gateway.h"', '"store/rows.h"'),
    good_floor("service/host/cli/cli.c", '"host/cli/cli.h"', '"host/host.h"', '"report/test.h"',
               '"eventlog/sink.h"', '"perfcounters/publish_map.h"'),
    good_floor("eventlog/sink_file.c", '"eventlog/sink.h"', '"eventlog/event.h"'),
    good_floor("eventlog/event.c", '"eventlog/events.def"', '"eventlog/lang/ko.def"'),
    good_floor("perfcounters/publish_map.c", '"perfcounters/counter.h"', '"gateway/gateway.h"'),
    good_floor("psmodule/dll_main.c", '"admin/admin.h"', '"sys/sys.h"', '"policy/decide.h"',
               '"eventlog/event.h"', '"psmodule/omsgw.h"'),
    good_floor("service/admin/check.c", '"store/store.h"', '"perfcounters/publish_map.h"'),
    good_floor("installer/action_port.c", '"store/open.h"', '"settings/settings.h"', '"sys/sys.h"'),
    good_floor("service/tls/certs.c", '"crypto/name.h"', '"tls/tls_names.def"'),
    good_floor("service/tools/omsgen.c", '"base/err.h"', '"settings/settings.def"',
               '"host/cli/commands.def"', '"eventlog/events.def"'),
    good_floor("tests/unit/any.c", '"gateway/tunnel.h"', '"unit/fake.h"', '"fake.h"', "NAME"),
    Good("floors", {"service/base/notes.md": '#include "io/io.h"\n'}),
    Good("floors", {"service/base/err.c": '/*\n#include "io/io.h"\n*/\n// #include "io/io.h"\n'}),
    good_header("service/base/err.c", "<stdio.h>", "<string.h>", "<stdint.h>", "<time.h>"),
    good_header("service/base/atom.h", "<stdatomic.h>"),
    good_header("service/io/io_epoll.c", "<sys/epoll.h>", "<unistd.h>"),
    good_header("service/io/resolve_linux.c", "<netdb.h>"),
    good_header("service/sys/sys_linux.c", "<signal.h>", "<pthread.h>"),
    good_header("service/host/host_windows.c", "<windows.h>", "<signal.h>"),
    good_header("eventlog/sink_linux.c", "<syslog.h>"),
    good_header("perfcounters/publish_windows.c", "<perflib.h>"),
    good_header("psmodule/dll_main.c", "<windows.h>"),
    good_header("installer/action_port.c", "<msiquery.h>"),
    good_header("service/store/open.c", "<sqlite3.h>"),
    good_header("service/document/export.c", "<libxml/tree.h>"),
    good_header("service/crypto/digest.c", "<openssl/evp.h>"),
    good_header("service/fetch/fetch.c", "<openssl/ssl.h>"),
    good_header("tests/unit/base.c", "<setjmp.h>", "<cmocka.h>", "<sqlite3.h>"),
    good_header("tests/conform/net_linux.c", "<sys/socket.h>", "<signal.h>"),
    good_header("tests/conform/net_windows.c", "<winsock2.h>"),
    good_header("tests/fault/sys_fault.c", "<unistd.h>"),
)
