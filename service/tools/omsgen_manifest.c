/*
 * The manifest of the performance counters: what lodctr tells Windows of the set, its counters, and
 * the numbers of their names in the message library. publish_perf_windows.c says the same by calls.
 */
#include "tools/omsgen.h"

#include <stdio.h>

#define GUID_ROW(name, a, b, c, d, e, f, g, h, i, j, k)                                            \
    static const unsigned manifest_##name[] = {a, b, c, d, e, f, g, h, i, j, k};
#include "perfcounters/counter_guids.def"
#undef GUID_ROW

static const struct {
    const char *symbol, *name, *help;
} manifest_rows[] = {
#define COUNTER(name, kind, help, perfmon) {#name, perfmon, help},
#include "perfcounters/counters.def"
#undef COUNTER
};

static void print_guid(const char *attribute, const unsigned *guid)
{
    (void)printf(" %s=\"{%08x-%04x-%04x-%02x%02x-%02x%02x%02x%02x%02x%02x}\"", attribute, guid[0],
                 guid[1], guid[2], guid[3], guid[4], guid[5], guid[6], guid[7], guid[8], guid[9],
                 guid[10]);
}

/* In an attribute of XML. */
static void print_attribute(const char *attribute, const char *text)
{
    (void)printf(" %s=\"", attribute);
    for (const char *c = text; *c; c++) {
        (void)printf(*c == '&' ? "&amp;" : *c == '<' ? "&lt;" : *c == '"' ? "&quot;" : "%c", *c);
    }
    (void)printf("\"");
}

/* A name and its explanation, in English and by their numbers, of which each takes two. */
static void print_texts(const char *name, const char *help, unsigned number)
{
    print_attribute("name", name);
    (void)printf(" nameID=\"%u\"", number);
    print_attribute("description", help);
    (void)printf(" descriptionID=\"%u\"", number + 2);
}

static void print_counter(unsigned id, unsigned number)
{
    (void)printf("          <counter id=\"%u\" uri=\"OMSGateway.Counters.%s\"", id,
                 manifest_rows[id - 1].symbol);
    print_texts(manifest_rows[id - 1].name, manifest_rows[id - 1].help, number);
    (void)printf(" type=\"perf_counter_large_rawcount\" detailLevel=\"standard\">\n"
                 "            <counterAttributes>\n"
                 "              <counterAttribute name=\"reference\"/>\n"
                 "            </counterAttributes>\n"
                 "          </counter>\n");
}

static void print_counters(void)
{
    unsigned number = 5;
    for (unsigned i = 0; i < sizeof manifest_rows / sizeof manifest_rows[0]; i++) {
        if (manifest_rows[i].name[0] != '\0') {
            print_counter(i + 1, number);
            number += 4;
        }
    }
}

void omsgen_print_manifest(void)
{
    (void)printf("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                 "<instrumentationManifest\n"
                 "    xmlns=\"http://schemas.microsoft.com/win/2004/08/events\">\n"
                 "  <instrumentation>\n"
                 "    <counters xmlns=\"http://schemas.microsoft.com/win/2005/12/counters\"\n"
                 "        schemaVersion=\"1.1\">\n"
                 "      <provider applicationIdentity=\"OMSGatewayMessages.dll\"\n"
                 "          providerType=\"userMode\" symbol=\"OMSGatewayProvider\"\n         ");
    print_guid("providerGuid", manifest_PROVIDER);
    (void)printf(">\n        <counterSet uri=\"OMSGateway.Counters\" symbol=\"OMSGatewaySet\"\n"
                 "            instances=\"single\"");
    print_guid("guid", manifest_SET);
    (void)printf("\n           ");
#define COUNTER_SET(name, help) print_texts(name, help, 1);
#include "perfcounters/counter_set.def"
#undef COUNTER_SET
    (void)printf(">\n");
    print_counters();
    (void)printf("        </counterSet>\n"
                 "      </provider>\n"
                 "    </counters>\n"
                 "  </instrumentation>\n"
                 "</instrumentationManifest>\n");
}
