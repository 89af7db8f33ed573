/*
 * libfcgi as its documentation uses it: FCGX_Accept_r in many threads, each answering one request at a time.
 *
 * A thread belongs to a kept-alive connection for as long as the connection lives, so there are more threads than the
 * front server keeps connections. FCGX_Accept_r must not be called under a lock here: it waits for the next request of
 * a kept-alive connection too.
 *
 *   cc -O2 -pthread -o responder responder.c -lfcgi
 *   responder SOCKET THREADS
 *
 *   GET /hello          a line
 *   POST /count         reads the body, answers its size
 *   GET /stream?mib=N   N MiB
 */
#include <fcgiapp.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK 65536
#define HELLO "Content-Type: text/plain; charset=utf-8\r\nContent-Length: 21\r\n\r\nHello from the peer.\n"

static int listener;

static void count(FCGX_Request *request)
{
    char buffer[CHUNK];
    unsigned long long total = 0;
    int part;
    while ((part = FCGX_GetStr(buffer, sizeof buffer, request->in)) > 0)
        total += (unsigned)part;
    char text[32];
    int length = snprintf(text, sizeof text, "%llu\n", total);
    FCGX_FPrintF(request->out, "Content-Type: text/plain\r\nContent-Length: %d\r\n\r\n%s", length, text);
}

static void stream(FCGX_Request *request)
{
    static const char zeros[CHUNK];
    const char *query = FCGX_GetParam("QUERY_STRING", request->envp);
    const char *size = query ? strstr(query, "mib=") : NULL;
    unsigned long long left = size ? strtoull(size + 4, NULL, 10) << 20 : 0;
    FCGX_FPrintF(request->out, "Content-Type: application/octet-stream\r\n\r\n");
    while (left > 0) {
        int part = left < sizeof zeros ? (int)left : (int)sizeof zeros;
        if (FCGX_PutStr(zeros, part, request->out) != part)
            return;
        left -= (unsigned)part;
    }
}

static void *serve(void *unused)
{
    (void)unused;
    FCGX_Request request;
    FCGX_InitRequest(&request, listener, 0);
    while (FCGX_Accept_r(&request) == 0) {
        const char *path = FCGX_GetParam("SCRIPT_NAME", request.envp);
        if (path && strcmp(path, "/count") == 0)
            count(&request);
        else if (path && strcmp(path, "/stream") == 0)
            stream(&request);
        else
            FCGX_PutS(HELLO, request.out);
        FCGX_Finish_r(&request);
    }
    return NULL;
}

int main(int argument_count, char **arguments)
{
    int threads = argument_count == 3 ? atoi(arguments[2]) : 0;
    if (threads < 1) {
        fprintf(stderr, "usage: responder SOCKET THREADS\n");
        return 64;
    }
    signal(SIGPIPE, SIG_IGN);
    if (FCGX_Init() != 0 || (listener = FCGX_OpenSocket(arguments[1], 4096)) < 0) {
        fprintf(stderr, "responder: cannot listen on %s\n", arguments[1]);
        return 74;
    }
    for (int i = 1; i < threads; i++) {
        pthread_t thread;
        if (pthread_create(&thread, NULL, serve, NULL) != 0) {
            fprintf(stderr, "responder: cannot start thread %d\n", i);
            return 71;
        }
    }
    serve(NULL);
    return 0;
}
