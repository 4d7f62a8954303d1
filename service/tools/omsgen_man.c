/*
 * omsgen man: the manual page omsgateway(8), as groff reads it.
 */
#include "tools/omsgen.h"

#include <stdio.h>

/* Text as itself: what groff would take for a command or for a typographer's sign is escaped. */
static void print_text(const char *text)
{
    for (const char *c = text; *c; c++) {
        if (c == text && (*c == '.' || *c == '\'')) {
            (void)fputs("\\&", stdout);
        }
        switch (*c) {
        case '\\':
            (void)fputs("\\e", stdout);
            break;
        case '-':
            (void)fputs("\\-", stdout);
            break;
        case '\'':
            (void)fputs("\\(aq", stdout);
            break;
        case '^':
            (void)fputs("\\(ha", stdout);
            break;
        case '~':
            (void)fputs("\\(ti", stdout);
            break;
        default:
            (void)putchar(*c);
        }
    }
}

/* Lines of the manual's own words come as they are. */
static void print_lines(const char *const *lines)
{
    for (; *lines; lines++) {
        (void)puts(*lines);
    }
}

static void print_commands(void)
{
    (void)puts(".SH COMMANDS");
    for (const struct omsgen_command *i = omsgen_commands; i->name; i++) {
        (void)printf(".TP\n.B ");
        print_text(i->name);
        (void)printf("\\fR ");
        print_text(i->words);
        for (int k = 0; k < OPTIONS; k++) {
            if ((i->options >> k & 1) != 0) {
                (void)printf(" [");
                print_text(omsgen_options[k].word);
                (void)fputs(omsgen_options[k].value[0] ? " " : "", stdout);
                print_text(omsgen_options[k].value);
                (void)printf("]");
            }
        }
        (void)printf("\n");
        print_text(i->summary);
        (void)printf("\n");
    }
}

static void print_options(void)
{
    (void)puts(".SH OPTIONS");
    for (const struct omsgen_option_row *i = omsgen_options; i->word; i++) {
        (void)printf(".TP\n.B ");
        print_text(i->word);
        (void)printf("\\fR ");
        print_text(i->value);
        (void)printf("\n");
        print_text(i->summary);
        (void)puts(".");
    }
}

static void print_settings(void)
{
    (void)puts(".SH SETTINGS\nNames are read in any case of letters.");
    for (const struct omsgen_setting *i = omsgen_settings; i->name; i++) {
        (void)printf(".TP\n.B %s\n", i->name);
        print_text(i->description);
        (void)printf("\nAccepted: ");
        print_text(i->accepted);
        (void)printf(".\nDefault: ");
        print_text(i->standard);
        (void)fputs(i->unit[0] ? " " : "", stdout);
        print_text(i->unit);
        (void)printf(". A change acts %s.\n", i->when);
    }
}

static const char *const man_begin[] = {
    ".\\\" Written by omsgen from the tables of the command line and of the settings.",
    ".TH OMSGATEWAY 8 2026-11-21 \"OMS Gateway\" \"System Administration\"",
    ".SH NAME",
    "omsgateway \\- lets monitoring agents reach their cloud service, and nothing else through",
    ".SH SYNOPSIS",
    ".B omsgateway",
    ".I COMMAND",
    ".RI [ WORD ]...",
    ".RI [ OPTION ]...",
    ".SH DESCRIPTION",
    "OMS Gateway is a proxy for HTTP CONNECT that denies by default: only listed hosts are",
    "reached, only on listed ports, and it reads the TLS handshake that passes by.",
    "The same program is the gateway",
    ".RB ( \"omsgateway run\" )",
    "and the means to configure it; a running gateway follows within seconds.",
    "Several values in one command are one change: all of them or none.",
    NULL,
};

static const char *const man_end[] = {
    ".SH EXIT STATUS",
    ".TP",
    ".B 0",
    "Done.",
    ".TP",
    ".B 1",
    "Refused, failed, or a bad value; one sentence on standard error says what to do.",
    "This includes a",
    ".B check",
    "whose answer is no.",
    ".TP",
    ".B 2",
    "A command line that cannot be understood.",
    ".SH FILES",
    ".TP",
    ".I /var/lib/omsgateway",
    "The data folder. A user who may not use it gets",
    ".I ~/.local/state/omsgateway",
    "and is told so.",
    ".SH ENVIRONMENT",
    ".TP",
    ".B OMSGATEWAY_DATA",
    "The data folder, unless",
    ".B \\-\\-data",
    "is given.",
    NULL,
};

void omsgen_print_man(void)
{
    print_lines(man_begin);
    print_commands();
    print_options();
    print_settings();
    print_lines(man_end);
}
