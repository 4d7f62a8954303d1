/*
 * Reads a recorded handshake. Knows no socket.
 */
#include "bench/load.h"

#include <stdio.h>
#include <string.h>

static int script_digit(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *at = c != '\0' ? strchr(digits, c) : NULL;
    return at ? (int)(at - digits) : -1;
}

static bool script_take(const char *hex, struct load_flight *flight)
{
    while (script_digit(hex[0]) >= 0 && script_digit(hex[1]) >= 0) {
        if (flight->len == LOAD_FLIGHT_MAX) {
            return false;
        }
        flight->bytes[flight->len++] = (uint8_t)(script_digit(hex[0]) * 16 + script_digit(hex[1]));
        hex += 2;
    }
    return flight->len > 0 && (*hex == '\n' || *hex == '\0');
}

bool load_read_script(const char *path, struct load_script *script)
{
    static char line[2 * LOAD_FLIGHT_MAX + 16];
    FILE *file = fopen(path, "r");
    bool good = file != NULL;
    memset(script, 0, sizeof *script);
    while (good && fgets(line, sizeof line, file)) {
        struct load_flight *flight = &script->flights[script->count];
        flight->client = strncmp(line, "client ", 7) == 0;
        good = script->count < LOAD_FLIGHTS - 1 &&
               (flight->client || strncmp(line, "server ", 7) == 0) &&
               script_take(line + 7, flight);
        script->count++;
    }
    if (file) {
        (void)fclose(file);
    }
    return good && script->count > 0;
}
