/*
 * As much of FastCGI as a backend needs that does nothing: where a request ends, and an answer made beforehand.
 */
#ifndef RECORDS_H
#define RECORDS_H

#include <fastcgi.h>
#include <stdint.h>
#include <string.h>

/* The place in the record at which the last read ended, and the request's wishes. */
struct reader {
    unsigned char header[FCGI_HEADER_LEN];
    unsigned int header_bytes; /* of the header at hand */
    uint32_t skip;             /* content and padding still to come */
    unsigned char begin[3];    /* role and flags of BEGIN_REQUEST */
    unsigned int begin_bytes;
    int keep;
};

/* Reads on; returns how many requests have ended in these bytes. */
static inline int requests_ended(struct reader *r, const unsigned char *bytes, size_t count)
{
    int ended = 0;
    while (count > 0) {
        if (r->header_bytes < FCGI_HEADER_LEN) {
            r->header[r->header_bytes++] = *bytes++;
            count--;
            if (r->header_bytes < FCGI_HEADER_LEN)
                continue;
            uint32_t content = (uint32_t)r->header[4] << 8 | r->header[5];
            r->skip = content + r->header[6];
            r->begin_bytes = 0;
            if (r->skip == 0) {
                r->header_bytes = 0;
                ended += r->header[1] == FCGI_STDIN;
            }
            continue;
        }
        size_t part = count < r->skip ? count : r->skip;
        if (r->header[1] == FCGI_BEGIN_REQUEST) {
            for (size_t i = 0; i < part && r->begin_bytes < sizeof r->begin; i++)
                r->begin[r->begin_bytes++] = bytes[i];
            r->keep = r->begin[2] & FCGI_KEEP_CONN;
        }
        bytes += part;
        count -= part;
        r->skip -= (uint32_t)part;
        if (r->skip == 0)
            r->header_bytes = 0;
    }
    return ended;
}

static inline void put_header(unsigned char *at, unsigned char type, size_t content, unsigned char padding)
{
    memset(at, 0, FCGI_HEADER_LEN);
    at[0] = FCGI_VERSION_1;
    at[1] = type;
    at[3] = 1; /* nginx, the only front server here, always asks with id 1 */
    at[4] = (unsigned char)(content >> 8);
    at[5] = (unsigned char)content;
    at[6] = padding;
}

/* Makes the answer to every request; returns its length. */
static inline size_t make_answer(unsigned char answer[static 512])
{
    static const char text[] =
        "Status: 200\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 21\r\n\r\nHello from the peer.\n";
    size_t length = sizeof text - 1, padding = (8 - length % 8) % 8;
    memset(answer, 0, 512);
    put_header(answer, FCGI_STDOUT, length, (unsigned char)padding);
    memcpy(answer + FCGI_HEADER_LEN, text, length);
    size_t end = FCGI_HEADER_LEN + length + padding;
    put_header(answer + end, FCGI_END_REQUEST, sizeof(FCGI_EndRequestBody), 0);
    return end + FCGI_HEADER_LEN + sizeof(FCGI_EndRequestBody);
}

#endif
