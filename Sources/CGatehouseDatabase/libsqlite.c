#include "gatehouse_sqlite.h"

#include <limits.h>
#include <sqlite3.h>
#include <string.h>

#include "gatehouse_library.h"

_Static_assert(GATEHOUSE_SQLITE_ROW == SQLITE_ROW && GATEHOUSE_SQLITE_DONE == SQLITE_DONE, "result codes");
_Static_assert(GATEHOUSE_SQLITE_INTEGER == SQLITE_INTEGER && GATEHOUSE_SQLITE_FLOAT == SQLITE_FLOAT, "types");
_Static_assert(GATEHOUSE_SQLITE_TEXT == SQLITE_TEXT && GATEHOUSE_SQLITE_BLOB == SQLITE_BLOB, "types");
_Static_assert(GATEHOUSE_SQLITE_NULL == SQLITE_NULL, "types");

#define EACH_FUNCTION(F) \
    F(open_v2) F(prepare_v3) F(bind_text) F(bind_blob) F(bind_zeroblob) F(stmt_status) F(wal_checkpoint_v2) F(limit) \
    F(db_config) F(set_authorizer) F(close_v2) F(errmsg) F(system_errno) F(finalize) F(step) F(reset) \
    F(clear_bindings) F(bind_null) F(bind_int64) F(bind_double) F(bind_parameter_count) F(column_count) \
    F(column_name) F(column_type) F(column_int64) F(column_double) F(column_text) F(column_blob) F(column_bytes) \
    F(column_value) F(value_dup) F(value_free) F(value_type) F(value_int64) F(value_double) F(value_text) \
    F(value_blob) F(value_bytes) F(stmt_readonly) F(changes) F(total_changes) F(last_insert_rowid) \
    F(set_last_insert_rowid) F(get_autocommit) F(interrupt) F(progress_handler) F(busy_handler)

#define POINTER(name) __typeof__(sqlite3_##name) *name;
#define PLACE(name) {"sqlite3_" #name, (void **)&library.name, 0},

/// The library's functions. They are written once, before the first connection is opened.
static struct { EACH_FUNCTION(POINTER) } library;

static const struct gatehouse_function functions[] = {EACH_FUNCTION(PLACE)};

int gatehouse_sqlite_load(char *reason, size_t capacity) {
    return gatehouse_library_open(
        "libsqlite3.so.0", functions, sizeof functions / sizeof *functions, reason, capacity);
}

int gatehouse_sqlite_open(const char *path, sqlite3 **database) {
    // NOMUTEX: each connection is one thread's; only sqlite3_interrupt comes from others, which is allowed.
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    return library.open_v2(path, database, flags, NULL);
}

static int classify(void *context, int action, const char *one, const char *two, const char *schema,
    const char *trigger) {
    (void)one;
    (void)two;
    int *properties = context;
    switch (action) {
    case SQLITE_INSERT:
        if (!trigger) *properties |= GATEHOUSE_SQLITE_INSERTS;
        break;
    case SQLITE_TRANSACTION:
    case SQLITE_SAVEPOINT:
        *properties |= GATEHOUSE_SQLITE_CONTROLS;
        break;
    case SQLITE_PRAGMA:
    case SQLITE_ATTACH:
    case SQLITE_DETACH:
    case SQLITE_CREATE_TEMP_INDEX:
    case SQLITE_CREATE_TEMP_TABLE:
    case SQLITE_CREATE_TEMP_TRIGGER:
    case SQLITE_CREATE_TEMP_VIEW:
        *properties |= GATEHOUSE_SQLITE_TAINTS;
        break;
    case SQLITE_CREATE_VTABLE:
        if (schema && !strcmp(schema, "temp")) *properties |= GATEHOUSE_SQLITE_TAINTS;
        break;
    default:
        break;
    }
    return SQLITE_OK;
}

void gatehouse_sqlite_harden(sqlite3 *database, int *properties) {
    library.db_config(database, SQLITE_DBCONFIG_DEFENSIVE, 1, (int *)NULL);
    library.db_config(database, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, (int *)NULL);
    library.db_config(database, SQLITE_DBCONFIG_ENABLE_FKEY, 1, (int *)NULL);
    // A text in double quotes is a name, as everywhere else, and a misspelt name is an error.
    library.db_config(database, SQLITE_DBCONFIG_DQS_DML, 0, (int *)NULL);
    library.db_config(database, SQLITE_DBCONFIG_DQS_DDL, 0, (int *)NULL);
    library.limit(database, SQLITE_LIMIT_SQL_LENGTH, 1 << 20);
    library.set_authorizer(database, classify, properties);
}

int gatehouse_sqlite_prepare(
    sqlite3 *database, const char *text, size_t length, sqlite3_stmt **statement, const char **tail) {
    if (length > INT_MAX) return SQLITE_TOOBIG;
    return library.prepare_v3(database, text, (int)length, SQLITE_PREPARE_PERSISTENT, statement, tail);
}

int gatehouse_sqlite_bind_text(sqlite3_stmt *statement, int index, const void *start, size_t length) {
    if (length > INT_MAX) return SQLITE_TOOBIG;
    return library.bind_text(statement, index, length ? start : "", (int)length, SQLITE_TRANSIENT);
}

int gatehouse_sqlite_bind_bytes(sqlite3_stmt *statement, int index, const void *start, size_t length) {
    if (length > INT_MAX) return SQLITE_TOOBIG;
    // NULL bytes would be a NULL value.
    if (!length) return library.bind_zeroblob(statement, index, 0);
    return library.bind_blob(statement, index, start, (int)length, SQLITE_TRANSIENT);
}

int gatehouse_sqlite_prepared_anew(sqlite3_stmt *statement) {
    return library.stmt_status(statement, SQLITE_STMTSTATUS_REPREPARE, 0);
}

int gatehouse_sqlite_checkpoint(sqlite3 *database) {
    return library.wal_checkpoint_v2(database, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
}

int gatehouse_sqlite_close(sqlite3 *database) { return library.close_v2(database); }
const char *gatehouse_sqlite_errmsg(sqlite3 *database) { return library.errmsg(database); }
int gatehouse_sqlite_system_errno(sqlite3 *database) { return library.system_errno(database); }
int gatehouse_sqlite_finalize(sqlite3_stmt *statement) { return library.finalize(statement); }
int gatehouse_sqlite_step(sqlite3_stmt *statement) { return library.step(statement); }
int gatehouse_sqlite_reset(sqlite3_stmt *statement) { return library.reset(statement); }
int gatehouse_sqlite_clear_bindings(sqlite3_stmt *statement) { return library.clear_bindings(statement); }
int gatehouse_sqlite_bind_null(sqlite3_stmt *statement, int index) { return library.bind_null(statement, index); }
int gatehouse_sqlite_bind_int64(sqlite3_stmt *statement, int index, int64_t value) {
    return library.bind_int64(statement, index, value);
}
int gatehouse_sqlite_bind_double(sqlite3_stmt *statement, int index, double value) {
    return library.bind_double(statement, index, value);
}
int gatehouse_sqlite_bind_parameter_count(sqlite3_stmt *statement) { return library.bind_parameter_count(statement); }
int gatehouse_sqlite_column_count(sqlite3_stmt *statement) { return library.column_count(statement); }
const char *gatehouse_sqlite_column_name(sqlite3_stmt *statement, int index) {
    return library.column_name(statement, index);
}
int gatehouse_sqlite_column_type(sqlite3_stmt *statement, int index) { return library.column_type(statement, index); }
int64_t gatehouse_sqlite_column_int64(sqlite3_stmt *statement, int index) {
    return library.column_int64(statement, index);
}
double gatehouse_sqlite_column_double(sqlite3_stmt *statement, int index) {
    return library.column_double(statement, index);
}
const unsigned char *gatehouse_sqlite_column_text(sqlite3_stmt *statement, int index) {
    return library.column_text(statement, index);
}
const void *gatehouse_sqlite_column_blob(sqlite3_stmt *statement, int index) {
    return library.column_blob(statement, index);
}
int gatehouse_sqlite_column_bytes(sqlite3_stmt *statement, int index) { return library.column_bytes(statement, index); }
sqlite3_value *gatehouse_sqlite_column_value(sqlite3_stmt *statement, int index) {
    return library.column_value(statement, index);
}
sqlite3_value *gatehouse_sqlite_value_dup(const sqlite3_value *value) { return library.value_dup(value); }
void gatehouse_sqlite_value_free(sqlite3_value *value) { library.value_free(value); }
int gatehouse_sqlite_value_type(sqlite3_value *value) { return library.value_type(value); }
int64_t gatehouse_sqlite_value_int64(sqlite3_value *value) { return library.value_int64(value); }
double gatehouse_sqlite_value_double(sqlite3_value *value) { return library.value_double(value); }
const unsigned char *gatehouse_sqlite_value_text(sqlite3_value *value) { return library.value_text(value); }
const void *gatehouse_sqlite_value_blob(sqlite3_value *value) { return library.value_blob(value); }
int gatehouse_sqlite_value_bytes(sqlite3_value *value) { return library.value_bytes(value); }
int gatehouse_sqlite_stmt_readonly(sqlite3_stmt *statement) { return library.stmt_readonly(statement); }
int gatehouse_sqlite_changes(sqlite3 *database) { return library.changes(database); }
int gatehouse_sqlite_total_changes(sqlite3 *database) { return library.total_changes(database); }
int64_t gatehouse_sqlite_last_insert_rowid(sqlite3 *database) { return library.last_insert_rowid(database); }
void gatehouse_sqlite_set_last_insert_rowid(sqlite3 *database, int64_t value) {
    library.set_last_insert_rowid(database, value);
}
int gatehouse_sqlite_get_autocommit(sqlite3 *database) { return library.get_autocommit(database); }
void gatehouse_sqlite_interrupt(sqlite3 *database) { library.interrupt(database); }
void gatehouse_sqlite_progress_handler(sqlite3 *database, int steps, int (*action)(void *), void *context) {
    library.progress_handler(database, steps, action, context);
}
int gatehouse_sqlite_busy_handler(sqlite3 *database, int (*action)(void *, int), void *context) {
    return library.busy_handler(database, action, context);
}
