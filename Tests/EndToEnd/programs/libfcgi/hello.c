/* A FastCGI program as people have written them since 1996: its socket is descriptor 0. SIGUSR1 tells libfcgi to
   finish the request and leave. */
#include <fcgi_stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int main(void)
{
    while (FCGI_Accept() >= 0) {
        const char *query = getenv("QUERY_STRING");
        const char *time = query ? strstr(query, "ms=") : NULL;
        const char *line = query ? strstr(query, "say=") : NULL;
        /* An alarm clock that a signal does not stop. */
        for (unsigned left = time ? strtoul(time + 3, NULL, 10) : 0; left > 0; left--)
            usleep(1000);
        if (line) {
            /* To the process's own standard error; the library's goes to the front server. */
            dprintf(STDERR_FILENO, "%s\n", line + 4);
        }
        printf("Content-Type: text/plain\r\n\r\nlibfcgi %d", (int)getpid());
    }
    return 0;
}
