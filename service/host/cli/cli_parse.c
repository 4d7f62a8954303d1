/*
 * Reading the command line: first the options, wherever they stand, then the command's name, then
 * whether the two go together. Nothing that may be a password is ever shown again.
 */
#include "host/cli/cli_parse.h"

#include "base/near.h"

#include <stdio.h>

static const char PARSE_NO_PASSWORD[] =
    "a password is never given on the command line, where other users and the shell's history see "
    "it: type it when it is asked for, or give --password-file FILE, or --password-file - for "
    "standard input";

/* The first thing that was wrong with an option; said once the command is known. */
struct parse_fault {
    const char *what;
    struct span which;
};

static void parse_fault(struct parse_fault *fault, const char *what, struct span which)
{
    if (!fault->what) {
        *fault = (struct parse_fault){what, which};
    }
}

/* -5 is a value, - is standard input; what is left of "-" and letters is an option. */
static bool parse_is_option(struct span word)
{
    return word.len > 1 && word.at[0] == '-' && !span_is_digit(word.at[1]);
}

static bool parse_find_option(struct span name, enum cli_option *option)
{
    for (enum cli_option i = 0; i < CLI_OPTIONS; i++) {
        if (span_is(name, cli_option_row(i)->word) || (i == CLI_HELP && span_is(name, "-h"))) {
            *option = i;
            return true;
        }
    }
    return false;
}

/* --password, -Password, --pass and the like: what follows must not be shown. */
static bool parse_is_secret(struct span name)
{
    struct span start = span_str("pass");
    while (name.len > 0 && name.at[0] == '-') {
        name = span_after(name, 1);
    }
    return name.len >= start.len && span_equal_nocase(span_first(name, start.len), start);
}

static void parse_unknown(struct span name, struct parse_fault *fault)
{
    bool secret = parse_is_secret(name), letter = name.at[1] != '-';
    struct span shown = letter ? span_first(name, 2) : name; /* -pSECRET */
    parse_fault(fault, secret ? PARSE_NO_PASSWORD : "there is no such option",
                secret ? span_str("") : shown);
}

/* One option, and its value where that is the next word: how many words were used. */
static int parse_option(struct cli_line *line, int at, struct parse_fault *fault)
{
    enum cli_option option;
    struct span word = cli_word(line, at);
    size_t equals = span_find(word, '=');
    bool joined = equals < word.len, wants;
    struct cli_given *given = &line->given[line->given_count];
    if (!parse_find_option(span_first(word, equals), &option)) {
        parse_unknown(span_first(word, equals), fault);
        return 1;
    }
    wants = cli_option_row(option)->value[0] != '\0';
    if (wants != joined && (joined || at + 1 == line->count)) {
        parse_fault(fault, wants ? "an option without its value" : "this option takes no value",
                    span_first(word, equals));
        return 1;
    }
    if (line->given_count == CLI_GIVEN_MAX) {
        parse_fault(fault, "too many options, beginning with", word);
        return 1;
    }
    *given = (struct cli_given){option, joined  ? span_after(word, equals + 1)
                                        : wants ? cli_word(line, at + 1)
                                                : span_str("")};
    line->given_count++;
    return wants && !joined ? 2 : 1;
}

/* Takes the options out; behind "--" everything is a word. */
static void parse_options(struct cli_line *line, struct parse_fault *fault)
{
    int words = 0;
    bool all_words = false;
    for (int at = 0; at < line->count;) {
        struct span word = cli_word(line, at);
        if (!all_words && span_is(word, "--")) {
            all_words = true;
            at++;
        } else if (!all_words && parse_is_option(word)) {
            at += parse_option(line, at, fault);
        } else {
            line->words[words++] = line->words[at++];
        }
    }
    line->count = words;
}

/* ---- the command ---- */

/* "get, set, ..." of a family; nothing for what is none. */
static void parse_put_family(struct span family, struct out *out)
{
    for (enum cli_command i = 0; i < CLI_COUNT; i++) {
        if (cli_is_family(cli_row(i), family)) {
            out_str(out, out->len > 0 ? ", " : "");
            out_put(out, span_after(span_str(cli_row(i)->name), family.len + 1));
        }
    }
}

/* The first word of a command that was probably meant; empty: none is near. */
static struct span parse_nearest(struct span word)
{
    struct span nearest = {NULL, 0};
    size_t least = SIZE_MAX;
    for (enum cli_command i = 0; i < CLI_COUNT; i++) {
        struct span name = span_str(cli_row(i)->name);
        struct span first = span_first(name, span_find(name, ' '));
        size_t distance = near_distance(word, first);
        if (distance < least && near_enough(distance, first)) {
            least = distance;
            nearest = first;
        }
    }
    return nearest;
}

int cli_unknown(char *const *words, int count)
{
    char place[1024], family_place[256];
    struct out why, family;
    struct span first = span_str(words[0]), second = span_str(count > 1 ? words[1] : "");
    struct span nearest = parse_nearest(first);
    out_begin(&why, place, sizeof place);
    out_begin(&family, family_place, sizeof family_place);
    parse_put_family(first, &family);
    out_str(&why, family.len > 0 && count == 1 ? "one more word is needed behind "
                                               : "there is no such command: ");
    out_start(&why, first, 100);
    if (family.len > 0) {
        out_str(&why, count > 1 ? " " : "");
        out_start(&why, second, 100);
        out_str(&why, count > 1 ? "; there is: " : ": ");
        out_put(&why, out_span(&family));
    } else if (nearest.len > 0) {
        out_str(&why, "; did you mean ");
        out_put(&why, nearest);
        out_char(&why, '?');
    }
    return cli_misused(CLI_help, place, span_str(""));
}

static bool parse_find_command(struct cli_line *line)
{
    for (enum cli_command i = 0; i < CLI_COUNT; i++) {
        if (cli_is_named(cli_row(i), line->words, line->count)) {
            struct span name = span_str(cli_row(i)->name);
            int taken = span_find(name, ' ') < name.len ? 2 : 1;
            line->command = i;
            line->words += taken;
            line->count -= taken;
            return true;
        }
    }
    return false;
}

static int parse_judge(const struct cli_line *line, const struct parse_fault *fault)
{
    const struct cli_row *row = cli_row(line->command);
    if (fault->what) {
        return cli_misused(line->command, fault->what, fault->which);
    }
    for (int i = 0; i < line->given_count; i++) {
        if (!cli_takes(row, line->given[i].option)) {
            return cli_misused(line->command, "this command does not take the option",
                               span_str(cli_option_row(line->given[i].option)->word));
        }
    }
    if (line->count < row->least) {
        return cli_misused(line->command, "something is missing", span_str(row->words));
    }
    if (line->count > row->most) {
        bool secret = cli_takes(row, CLI_PASSWORD_FILE); /* then this may be one */
        return cli_misused(line->command, secret ? PARSE_NO_PASSWORD : "one word too many",
                           secret ? span_str("") : cli_word(line, row->most));
    }
    return CLI_DONE;
}

int cli_parse(struct cli_line *line)
{
    struct parse_fault fault = {NULL, {NULL, 0}};
    parse_options(line, &fault);
    line->command = CLI_help;
    if (cli_has(line, CLI_HELP)) {
        return CLI_DONE; /* config get --help is help config get, whatever else is wrong */
    }
    if (line->count > 0 && !parse_find_command(line) && !fault.what) {
        return cli_unknown(line->words, line->count); /* with a fault the words may be its value */
    }
    return parse_judge(line, &fault);
}
