/*
 * Runs a fuzz target over the files named on the command line, each in memory of exactly its size.
 * Stands in for libFuzzer's main where there is none (gcc, Windows). No input at all is a failure.
 */
#include "fuzz.h"

#include "base/check.h"

#include <stdio.h>
#include <stdlib.h>

/* All bytes of the file, in memory that the caller frees; NULL when it cannot be read. */
static uint8_t *replay_read(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    if (!file) {
        return NULL;
    }
    uint8_t *bytes = NULL;
    long end = -1;
    if (fseek(file, 0, SEEK_END) == 0 && (end = ftell(file)) >= 0 &&
        fseek(file, 0, SEEK_SET) == 0) {
        *size = (size_t)end;
        bytes = malloc(*size > 0 ? *size : 1);
        CHECK(bytes);
        if (fread(bytes, 1, *size, file) != *size) {
            free(bytes);
            bytes = NULL;
        }
    }
    (void)fclose(file);
    return bytes;
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        size_t size = 0;
        uint8_t *bytes = replay_read(argv[i], &size);
        if (!bytes) {
            (void)fprintf(stderr, "replay: cannot read %s\n", argv[i]);
            return EXIT_FAILURE;
        }
        int said = LLVMFuzzerTestOneInput(bytes, size);
        free(bytes);
        if (said != 0) {
            (void)fprintf(stderr, "replay: %s is refused\n", argv[i]);
            return EXIT_FAILURE;
        }
    }
    (void)printf("replay: %d inputs\n", argc > 1 ? argc - 1 : 0);
    return argc > 1 ? EXIT_SUCCESS : EXIT_FAILURE;
}
