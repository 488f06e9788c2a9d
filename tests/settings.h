/* Settings of php.ini from the command line of a server that is built for tests. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* Appends arguments of the form setting=value to what is in `settings`, a text of *length bytes with room for `size`. Says
 * what is wrong, and gives false, where an argument is no setting or the room is not enough. */
static bool append_settings(char *settings, size_t size, int *length, char **arguments, int count)
{
    for (int at = 0; at < count; ++at) {
        const char *value = strchr(arguments[at], '=');
        if (value == NULL) {
            fprintf(stderr, "%s is no setting\n", arguments[at]);
            return false;
        }
        *length += snprintf(settings + *length, size - (size_t) *length, "%.*s=\"%s\"\n",
            (int) (value - arguments[at]), arguments[at], value + 1);
        if (*length >= (int) size) {
            fprintf(stderr, "the settings are too long\n");
            return false;
        }
    }
    return true;
}
