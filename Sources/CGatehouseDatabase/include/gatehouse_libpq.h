#ifndef GATEHOUSE_LIBPQ_H
#define GATEHOUSE_LIBPQ_H

#include <stddef.h>
// In quotes, because an installed SDK has the header beside this one.
#if __has_include("postgresql/libpq-fe.h")
#include "postgresql/libpq-fe.h"
#else
#include "libpq-fe.h"
#endif

// libpq is opened at run time. Each function here calls the function of libpq after which it is named, and may be
// called only after `gatehouse_libpq_open` has succeeded.

#define GATEHOUSE_PQ_FUNCTIONS(X)                                                                                      \
    X(PQconninfoParse) X(PQconninfo) X(PQconninfoFree) X(PQfreemem) X(PQconnectStartParams) X(PQconnectPoll)           \
    X(PQreset) X(PQfinish) X(PQstatus) X(PQtransactionStatus) X(PQparameterStatus) X(PQerrorMessage) X(PQsocket)       \
    X(PQpass) X(PQsetErrorVerbosity) X(PQsetNoticeReceiver) X(PQsetnonblocking) X(PQsslInUse) X(PQsslStruct)           \
    X(PQgssEncInUse) X(PQsendPrepare) X(PQsendQueryPrepared) X(PQsendQueryParams) X(PQsetSingleRowMode)                \
    X(PQenterPipelineMode) X(PQexitPipelineMode) X(PQpipelineSync) X(PQflush) X(PQconsumeInput) X(PQisBusy)            \
    X(PQgetResult) X(PQnotifies) X(PQresultStatus) X(PQresultErrorField) X(PQresultErrorMessage) X(PQcmdTuples)        \
    X(PQclear) X(PQntuples) X(PQnfields) X(PQfname) X(PQgetisnull) X(PQgetvalue) X(PQgetlength) X(PQgetCancel)         \
    X(PQcancel) X(PQfreeCancel) X(PQsendFlushRequest)

#define GATEHOUSE_PQ_MEMBER(name) __typeof__(&name) _Nonnull name;
struct gatehouse_pq {
    GATEHOUSE_PQ_FUNCTIONS(GATEHOUSE_PQ_MEMBER)
    /// Absent before libpq 17.
    int (*_Nullable PQsetChunkedRowsMode)(PGconn *_Nonnull connection, int rows);
    /// A function of the OpenSSL that libpq itself uses; absent if that is built without.
    int (*_Nullable SSL_pending)(const void *_Nonnull session);
};
extern struct gatehouse_pq gatehouse_pq;

/// Opens libpq. Returns 0, or -1 with the reason in `reason`.
int gatehouse_libpq_open(char *_Nonnull reason, size_t capacity);

/// Waits until the descriptor can be read or, if `writes`, written, at most `milliseconds`. Returns 0 after that time.
int gatehouse_pq_wait(int descriptor, int writes, int milliseconds);

/// Another descriptor of the same socket, or -1.
int gatehouse_pq_hold(int descriptor);
/// Ends a socket in both directions, so that whoever waits for it in another thread goes on.
void gatehouse_pq_shut_down(int descriptor);
void gatehouse_pq_let_go(int descriptor);

/// Takes back `tcp_user_timeout` from a connection, which libpq still gives to the connections of its cancel requests.
void gatehouse_pq_end_user_timeout(int descriptor);

/// Whether the peer has closed its end, or the connection failed, with nothing left to read.
int gatehouse_pq_peer_is_gone(int descriptor);

/// Whether bytes that libpq has not read wait outside of the socket, in the buffers of TLS or GSSAPI: 1 if so, 0 if
/// not, -1 if nobody can say.
int gatehouse_pq_has_hidden_input(PGconn *_Nonnull connection);

/// Has each next result come in pieces: one row each, or up to `rows` with libpq 17.
static inline void gatehouse_pq_set_row_mode(PGconn *_Nonnull connection, int rows) {
    if (gatehouse_pq.PQsetChunkedRowsMode) (void)gatehouse_pq.PQsetChunkedRowsMode(connection, rows);
    else (void)gatehouse_pq.PQsetSingleRowMode(connection);
}

static inline PQconninfoOption *_Nullable gatehouse_pq_conninfo_parse(
    const char *_Nonnull text, char *_Nullable *_Nonnull reason) {
    return gatehouse_pq.PQconninfoParse(text, reason);
}
static inline PQconninfoOption *_Nullable gatehouse_pq_conninfo(PGconn *_Nonnull connection) {
    return gatehouse_pq.PQconninfo(connection);
}
static inline void gatehouse_pq_conninfo_free(PQconninfoOption *_Nullable options) {
    gatehouse_pq.PQconninfoFree(options);
}
static inline void gatehouse_pq_freemem(void *_Nullable memory) { gatehouse_pq.PQfreemem(memory); }

// MARK: Connections

static inline PGconn *_Nullable gatehouse_pq_connect_start(
    const char *_Nullable const *_Nonnull keywords, const char *_Nullable const *_Nonnull values) {
    return gatehouse_pq.PQconnectStartParams((const char *const *)keywords, (const char *const *)values, 1);
}
static inline PostgresPollingStatusType gatehouse_pq_connect_poll(PGconn *_Nonnull connection) {
    return gatehouse_pq.PQconnectPoll(connection);
}
static inline void gatehouse_pq_reset(PGconn *_Nonnull connection) { gatehouse_pq.PQreset(connection); }
static inline void gatehouse_pq_finish(PGconn *_Nonnull connection) { gatehouse_pq.PQfinish(connection); }
static inline ConnStatusType gatehouse_pq_status(PGconn *_Nonnull connection) {
    return gatehouse_pq.PQstatus(connection);
}
static inline PGTransactionStatusType gatehouse_pq_transaction_status(PGconn *_Nonnull connection) {
    return gatehouse_pq.PQtransactionStatus(connection);
}
static inline const char *_Nullable gatehouse_pq_parameter(PGconn *_Nonnull connection, const char *_Nonnull name) {
    return gatehouse_pq.PQparameterStatus(connection, name);
}
static inline const char *_Nullable gatehouse_pq_error_message(PGconn *_Nonnull connection) {
    return gatehouse_pq.PQerrorMessage(connection);
}
static inline int gatehouse_pq_socket(PGconn *_Nonnull connection) { return gatehouse_pq.PQsocket(connection); }
static inline const char *_Nullable gatehouse_pq_password(PGconn *_Nonnull connection) {
    return gatehouse_pq.PQpass(connection);
}
static inline void gatehouse_pq_set_verbose_errors(PGconn *_Nonnull connection) {
    (void)gatehouse_pq.PQsetErrorVerbosity(connection, PQERRORS_VERBOSE);
}
static inline void gatehouse_pq_set_notice_receiver(PGconn *_Nonnull connection,
    void (*_Nonnull receiver)(void *_Nullable context, const PGresult *_Nullable notice), void *_Nullable context) {
    (void)gatehouse_pq.PQsetNoticeReceiver(connection, receiver, context);
}
static inline int gatehouse_pq_set_blocking(PGconn *_Nonnull connection, int blocks) {
    return gatehouse_pq.PQsetnonblocking(connection, !blocks);
}
static inline PGcancel *_Nullable gatehouse_pq_get_cancel(PGconn *_Nonnull connection) {
    return gatehouse_pq.PQgetCancel(connection);
}
/// Sends a cancel request and frees `cancel`. Blocks. Returns 1 if the request was sent.
int gatehouse_pq_cancel_and_free(PGcancel *_Nonnull cancel);
static inline void gatehouse_pq_free_cancel(PGcancel *_Nonnull cancel) { gatehouse_pq.PQfreeCancel(cancel); }

// MARK: Sending

static inline int gatehouse_pq_send_prepare(PGconn *_Nonnull connection, const char *_Nonnull name,
    const char *_Nonnull sql) {
    return gatehouse_pq.PQsendPrepare(connection, name, sql, 0, NULL);
}
static inline int gatehouse_pq_send_prepared(PGconn *_Nonnull connection, const char *_Nonnull name, int count,
    const char *_Nullable const *_Nullable values, const int *_Nullable lengths, const int *_Nullable formats) {
    return gatehouse_pq.PQsendQueryPrepared(
        connection, name, count, (const char *const *)values, lengths, formats, 0);
}
static inline int gatehouse_pq_send_unnamed(PGconn *_Nonnull connection, const char *_Nonnull sql, int count,
    const char *_Nullable const *_Nullable values, const int *_Nullable lengths, const int *_Nullable formats) {
    return gatehouse_pq.PQsendQueryParams(
        connection, sql, count, NULL, (const char *const *)values, lengths, formats, 0);
}
static inline int gatehouse_pq_enter_pipeline(PGconn *_Nonnull connection) {
    return gatehouse_pq.PQenterPipelineMode(connection);
}
static inline int gatehouse_pq_exit_pipeline(PGconn *_Nonnull connection) {
    return gatehouse_pq.PQexitPipelineMode(connection);
}
static inline int gatehouse_pq_pipeline_sync(PGconn *_Nonnull connection) {
    return gatehouse_pq.PQpipelineSync(connection);
}
/// Has the server send the results so far without the end of the transaction.
static inline int gatehouse_pq_flush_request(PGconn *_Nonnull connection) {
    return gatehouse_pq.PQsendFlushRequest(connection);
}
static inline int gatehouse_pq_flush(PGconn *_Nonnull connection) { return gatehouse_pq.PQflush(connection); }

// MARK: Receiving

static inline int gatehouse_pq_consume_input(PGconn *_Nonnull connection) {
    return gatehouse_pq.PQconsumeInput(connection);
}
static inline int gatehouse_pq_is_busy(PGconn *_Nonnull connection) { return gatehouse_pq.PQisBusy(connection); }
static inline PGresult *_Nullable gatehouse_pq_get_result(PGconn *_Nonnull connection) {
    return gatehouse_pq.PQgetResult(connection);
}
static inline PGnotify *_Nullable gatehouse_pq_notifies(PGconn *_Nonnull connection) {
    return gatehouse_pq.PQnotifies(connection);
}

// MARK: Results

static inline ExecStatusType gatehouse_pq_result_status(const PGresult *_Nullable result) {
    return gatehouse_pq.PQresultStatus(result);
}
static inline const char *_Nullable gatehouse_pq_error_field(const PGresult *_Nullable result, int field) {
    return gatehouse_pq.PQresultErrorField(result, field);
}
static inline const char *_Nullable gatehouse_pq_result_error(const PGresult *_Nullable result) {
    return gatehouse_pq.PQresultErrorMessage(result);
}
static inline const char *_Nullable gatehouse_pq_affected(PGresult *_Nonnull result) {
    return gatehouse_pq.PQcmdTuples(result);
}
static inline void gatehouse_pq_clear(PGresult *_Nullable result) { gatehouse_pq.PQclear(result); }
static inline int gatehouse_pq_row_count(const PGresult *_Nonnull result) { return gatehouse_pq.PQntuples(result); }
static inline int gatehouse_pq_column_count(const PGresult *_Nonnull result) {
    return gatehouse_pq.PQnfields(result);
}
static inline const char *_Nullable gatehouse_pq_column_name(const PGresult *_Nonnull result, int column) {
    return gatehouse_pq.PQfname(result, column);
}

/// A value's bytes, which live as long as the result; a null pointer for NULL.
static inline const unsigned char *_Nullable gatehouse_pq_value(
    const PGresult *_Nonnull result, int row, int column, int *_Nonnull length) {
    *length = gatehouse_pq.PQgetlength(result, row, column);
    if (*length == 0 && gatehouse_pq.PQgetisnull(result, row, column)) return NULL;
    return (const unsigned char *)gatehouse_pq.PQgetvalue(result, row, column);
}

#endif
