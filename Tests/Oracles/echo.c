// A FastCGI application by the FastCGI people's own library. It answers every request with what that library understood
// of it, in a form that nothing can be smuggled into: each parameter as "<length>:<NAME=value>," and then the body.
//
//   echo SOCKET      listens there and serves one request after another until it is killed; says "ready" first
#include <fcgiapp.h>
#include <stdio.h>
#include <string.h>

// Larger than a record's 65,535 bytes, so that the library has to cut its output.
static char body[200000];

static void answer(FCGX_Request *request) {
    FCGX_FPrintF(request->out, "Content-Type: application/octet-stream\r\n\r\n");
    for (char **parameter = request->envp; *parameter != NULL; parameter++) {
        // Not with %s: the library's own formatting gives up on some long values that are not text.
        int length = (int)strlen(*parameter);
        FCGX_FPrintF(request->out, "%d:", length);
        FCGX_PutStr(*parameter, length, request->out);
        FCGX_PutChar(',', request->out);
    }
    FCGX_PutS("\n", request->out);
    for (;;) {
        int count = FCGX_GetStr(body, sizeof body, request->in);
        if (count <= 0) break;
        FCGX_PutStr(body, count, request->out);
    }
    const char *wanted = FCGX_GetParam("ORACLE_STDERR", request->envp);
    if (wanted != NULL) FCGX_PutS(wanted, request->err);
    const char *status = FCGX_GetParam("ORACLE_EXIT", request->envp);
    int code = 0;
    if (status != NULL && sscanf(status, "%d", &code) == 1) FCGX_SetExitStatus(code, request->out);
}

int main(int count, char **words) {
    if (count != 2 || FCGX_Init() != 0) return 64;
    int listener = FCGX_OpenSocket(words[1], 16);
    if (listener < 0) return 74;
    FCGX_Request request;
    if (FCGX_InitRequest(&request, listener, 0) != 0) return 70;
    puts("ready");
    fflush(stdout);
    while (FCGX_Accept_r(&request) == 0) {
        answer(&request);
        FCGX_Finish_r(&request);
    }
    return 0;
}
