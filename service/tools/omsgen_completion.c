/*
 * omsgen completion: what bash offers after TAB, as a script. The part that thinks is the same for
 * every table; what it thinks about is four functions of cases, printed from the rows.
 */
#include "tools/omsgen.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* A case per family and one for the beginning: the words that may follow. */
static void print_first_words(void)
{
    (void)printf("_omsgateway_next()\n{\n    case \"$1\" in\n    '') printf '%%s\\n'");
    for (const struct omsgen_command *i = omsgen_commands; i->name; i++) {
        size_t len = strcspn(i->name, " ");
        if (i == omsgen_commands || strncmp(i->name, i[-1].name, len + 1) != 0) {
            (void)printf(" %.*s", (int)len, i->name);
        }
    }
    for (const struct omsgen_command *i = omsgen_commands; i->name; i++) {
        size_t len = strcspn(i->name, " ");
        if (i->name[len] == '\0') {
            continue;
        }
        if (i == omsgen_commands || strncmp(i->name, i[-1].name, len + 1) != 0) {
            (void)printf(" ;;\n    %.*s) printf '%%s\\n'", (int)len, i->name);
        }
        (void)printf(" %s", i->name + len + 1);
    }
    (void)printf(" ;;\n    esac\n}\n\n");
}

static void print_options(void)
{
    (void)printf("_omsgateway_options()\n{\n    case \"$1\" in\n");
    for (const struct omsgen_command *i = omsgen_commands; i->name; i++) {
        (void)printf("    '%s') printf '%%s\\n'", i->name);
        for (int k = 0; k < OPTIONS; k++) {
            if ((i->options >> k & 1) != 0 || k == OPTION_DATA || k == OPTION_HELP) {
                (void)printf(" %s", omsgen_options[k].word);
            }
        }
        (void)printf(" ;;\n");
    }
    (void)printf("    *) printf '%%s\\n' %s %s ;;\n    esac\n}\n\n",
                 omsgen_options[OPTION_DATA].word, omsgen_options[OPTION_HELP].word);
}

/* What an option's value is: words between |, a folder, a file, or nobody knows. */
static void print_option_values(void)
{
    (void)printf("_omsgateway_value()\n{\n    case \"$1\" in\n");
    for (const struct omsgen_option_row *i = omsgen_options; i->word; i++) {
        if (i->value[0] == '\0') {
            continue;
        }
        (void)printf("    %s) ", i->word);
        if (strcmp(i->value, "DIR") == 0) {
            (void)printf("compgen -d -- \"$2\"");
        } else if (strncmp(i->value, "FILE", 4) == 0) {
            (void)printf("compgen -f -- \"$2\"");
        } else if (islower((unsigned char)i->value[0])) {
            (void)printf("compgen -W $'");
            for (const char *c = i->value; *c; c++) {
                (void)printf(*c == '|' ? "\\n" : "%c", *c);
            }
            (void)printf("' -- \"$2\"");
        } else {
            (void)printf(":");
        }
        (void)printf(" ;;\n");
    }
    (void)printf("    *) return 1 ;;\n    esac\n}\n\n");
}

static void print_settings(void)
{
    (void)printf("_omsgateway_settings()\n{\n    printf '%%s\\n'");
    for (const struct omsgen_setting *i = omsgen_settings; i->name; i++) {
        (void)printf(" \\\n        %s", i->name);
    }
    (void)printf("\n}\n\n_omsgateway_setting()\n{\n    case \"${1,,}\" in\n");
    for (const struct omsgen_setting *i = omsgen_settings; i->name; i++) {
        if (i->words[0]) {
            (void)printf("    ");
            for (const char *c = i->name; *c; c++) {
                (void)putchar(tolower((unsigned char)*c));
            }
            (void)printf(") printf '%%s\\n'%s ;;\n", i->words);
        }
    }
    (void)printf("    esac\n}\n\n");
}

static void print_arguments(void)
{
    static const char *const what[] = {
        [TAKES_NOTHING] = NULL,
        [TAKES_SETTINGS] = "_omsgateway_settings",
        [TAKES_PAIRS] = "if (($2 % 2)); then _omsgateway_setting \"$3\"; else "
                        "_omsgateway_settings; fi",
        [TAKES_HOSTS] = "\"$4\" host list 2>/dev/null",
        [TAKES_CERTIFICATES] = "\"$4\" certificate list 2>/dev/null",
        [TAKES_COMMANDS] = "_omsgateway_next \"${3#help}\"",
        [TAKES_TEXT] = NULL,
    };
    (void)printf(
        "# $1 command, $2 how many words follow it so far, $3 the last of all, $4 program\n"
        "_omsgateway_arguments()\n{\n    case \"$1\" in\n");
    for (const struct omsgen_command *i = omsgen_commands; i->name; i++) {
        if (what[i->takes]) {
            (void)printf("    '%s') %s ;;\n", i->name, what[i->takes]);
        }
    }
    (void)printf("    esac\n}\n\n");
}

static const char completion_script[] =
    "_omsgateway()\n"
    "{\n"
    "    local program=${COMP_WORDS[0]} word=${COMP_WORDS[COMP_CWORD]} IFS=$'\\n' i item name "
    "offer\n"
    "    local -a words=()\n"
    "    COMPREPLY=()\n"
    "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
    "        item=${COMP_WORDS[i]}\n"
    "        if [[ $item != -* ]]; then\n"
    "            words+=(\"$item\")\n"
    "        elif _omsgateway_value \"$item\" '' >/dev/null; then\n"
    "            if ((i + 1 == COMP_CWORD)); then\n"
    "                mapfile -t COMPREPLY < <(_omsgateway_value \"$item\" \"$word\")\n"
    "                return\n"
    "            fi\n"
    "            ((i++))\n"
    "        fi\n"
    "    done\n"
    "    name=${words[0]:-}\n"
    "    if [[ -n $name && -n $(_omsgateway_next \"$name\") && ${#words[@]} -gt 1 ]]; then\n"
    "        name+=\" ${words[1]}\"\n"
    "        words=(\"${words[@]:1}\")\n"
    "    fi\n"
    "    if [[ $word == -* ]]; then\n"
    "        offer=$(_omsgateway_options \"$name\")\n"
    "    elif [[ -z $name || $name != *' '* && -n $(_omsgateway_next \"$name\") ]]; then\n"
    "        offer=$(_omsgateway_next \"$name\")\n"
    "    else\n"
    "        offer=$(_omsgateway_arguments \"$name\" $((${#words[@]} - 1)) \"${words[-1]}\" "
    "\"$program\")\n"
    "    fi\n"
    "    while read -r item; do\n"
    "        if [[ -n $item && ${item,,} == \"${word,,}\"* ]]; then\n"
    "            COMPREPLY+=(\"$(printf '%q' \"$item\")\")\n"
    "        fi\n"
    "    done <<<\"$offer\"\n"
    "}\n"
    "complete -F _omsgateway omsgateway\n";

void omsgen_print_completion(void)
{
    (void)printf(
        "# What bash offers after omsgateway and TAB. Written by omsgen from the tables of "
        "the command\n# line and of the settings.\n\n");
    print_first_words();
    print_options();
    print_option_values();
    print_settings();
    print_arguments();
    (void)fputs(completion_script, stdout);
}
