#include "libmariadb.h"

#include <mariadb/errmsg.h>
#include <stdlib.h>
#include <string.h>

static void end_of_execute(struct gatehouse_mysql *connection) {
    if (connection->number != 0) connection->outcome = GATEHOUSE_MYSQL_FAILED;
    else if (connection->mysql->field_count != 0) gatehouse_mysql_bind_columns(connection, connection->statement);
}

static void end_of_fetch(struct gatehouse_mysql *connection) {
    switch (connection->number) {
    case 0:
    case MYSQL_DATA_TRUNCATED: gatehouse_mysql_complete_row(connection, connection->statement); break;
    case MYSQL_NO_DATA: connection->outcome = GATEHOUSE_MYSQL_END; break;
    case 1: connection->outcome = GATEHOUSE_MYSQL_FAILED; break;
    default: gatehouse_mysql_fail(connection, CR_MALFORMED_PACKET, "the server has sent a malformed row"); break;
    }
}

static void end_of_text_fetch(struct gatehouse_mysql *connection) {
    if (connection->row) {
        gatehouse_mysql_show_text(connection);
        return;
    }
    connection->outcome =
        gatehouse_mariadb.mysql_errno(connection->mysql) ? GATEHOUSE_MYSQL_FAILED : GATEHOUSE_MYSQL_END;
    // All rows are read, so that this reads nothing.
    gatehouse_mariadb.mysql_free_result(connection->result);
    connection->result = NULL;
}

static void end_of_close(struct gatehouse_mysql *connection) {
    // libmariadb has freed the handle, even if it could not tell the server.
    connection->statement->handle = NULL;
    gatehouse_mysql_statement_free(connection->statement);
    connection->statement = NULL;
}

/// Goes on after a call of libmariadb: waits, or ends the operation.
static int go_on(struct gatehouse_mysql *connection, int wait) {
    // No timeout is waited for here, so that a wait for nothing else would never end.
    if (wait) return wait & (MYSQL_WAIT_READ | MYSQL_WAIT_WRITE) ?: MYSQL_WAIT_READ;
    enum gatehouse_mysql_operation operation = connection->operation;
    connection->operation = NO_OPERATION;
    switch (operation) {
    case NO_OPERATION: break;
    case QUERY:
        if (connection->number != 0) connection->outcome = GATEHOUSE_MYSQL_FAILED;
        else if (connection->mysql->field_count != 0) gatehouse_mysql_begin_text(connection);
        break;
    case PREPARE:
        if (connection->number != 0) connection->outcome = GATEHOUSE_MYSQL_FAILED;
        else if (gatehouse_mysql_make_parameters(connection->statement) != 0)
            gatehouse_mysql_fail(connection, CR_OUT_OF_MEMORY, "no memory for a statement's parameters");
        break;
    case EXECUTE: end_of_execute(connection); break;
    case FETCH: end_of_fetch(connection); break;
    case FETCH_TEXT: end_of_text_fetch(connection); break;
    case NEXT_RESULT:
        if (connection->number > 0) connection->outcome = GATEHOUSE_MYSQL_FAILED;
        else if (connection->number < 0) connection->outcome = GATEHOUSE_MYSQL_END;
        else connection->column_count = connection->mysql->field_count;
        break;
    case CLOSE_STATEMENT: end_of_close(connection); break;
    }
    if (operation == QUERY || operation == PREPARE) {
        free(connection->text);
        connection->text = NULL;
    }
    return 0;
}

static void begin(struct gatehouse_mysql *connection, enum gatehouse_mysql_operation operation,
    struct gatehouse_mysql_statement *statement) {
    connection->operation = operation;
    connection->outcome = GATEHOUSE_MYSQL_DONE;
    connection->own_error = 0;
    connection->statement = statement;
    connection->number = 0;
}

static int keep_text(struct gatehouse_mysql *connection, const char *text, size_t length) {
    free(connection->text);
    connection->text = malloc(length + 1);
    if (!connection->text) {
        connection->operation = NO_OPERATION;
        gatehouse_mysql_fail(connection, CR_OUT_OF_MEMORY, "no memory for a statement");
        return -1;
    }
    memcpy(connection->text, text, length);
    connection->text[length] = 0;
    return 0;
}

static void forget_columns(struct gatehouse_mysql *connection) {
    connection->columns = NULL;
    connection->column_count = 0;
}

int gatehouse_mysql_query(struct gatehouse_mysql *connection, const char *text, size_t length) {
    begin(connection, QUERY, NULL);
    forget_columns(connection);
    if (keep_text(connection, text, length) != 0) return 0;
    return go_on(connection, gatehouse_mariadb.mysql_real_query_start(
        &connection->number, connection->mysql, connection->text, length));
}

int gatehouse_mysql_prepare(struct gatehouse_mysql *connection, struct gatehouse_mysql_statement *statement,
    const char *text, size_t length) {
    begin(connection, PREPARE, statement);
    forget_columns(connection);
    if (keep_text(connection, text, length) != 0) return 0;
    return go_on(connection, gatehouse_mariadb.mysql_stmt_prepare_start(
        &connection->number, statement->handle, connection->text, length));
}

int gatehouse_mysql_execute(struct gatehouse_mysql *connection, struct gatehouse_mysql_statement *statement) {
    begin(connection, EXECUTE, statement);
    forget_columns(connection);
    if (gatehouse_mysql_bind_parameters(statement) != 0) {
        connection->operation = NO_OPERATION;
        connection->outcome = GATEHOUSE_MYSQL_FAILED;
        return 0;
    }
    return go_on(
        connection, gatehouse_mariadb.mysql_stmt_execute_start(&connection->number, statement->handle));
}

int gatehouse_mysql_fetch(struct gatehouse_mysql *connection, struct gatehouse_mysql_statement *statement) {
    if (statement) {
        begin(connection, FETCH, statement);
        return go_on(connection, gatehouse_mariadb.mysql_stmt_fetch_start(&connection->number, statement->handle));
    }
    begin(connection, FETCH_TEXT, NULL);
    if (!connection->result) {
        connection->operation = NO_OPERATION;
        connection->outcome = GATEHOUSE_MYSQL_END;
        return 0;
    }
    return go_on(connection, gatehouse_mariadb.mysql_fetch_row_start(&connection->row, connection->result));
}

int gatehouse_mysql_next_result(struct gatehouse_mysql *connection) {
    begin(connection, NEXT_RESULT, NULL);
    forget_columns(connection);
    return go_on(connection, gatehouse_mariadb.mysql_next_result_start(&connection->number, connection->mysql));
}

int gatehouse_mysql_statement_close(
    struct gatehouse_mysql *connection, struct gatehouse_mysql_statement *statement) {
    begin(connection, CLOSE_STATEMENT, statement);
    if (connection->columns == statement->columns) forget_columns(connection);
    return go_on(connection, gatehouse_mariadb.mysql_stmt_close_start(&connection->flag, statement->handle));
}

int gatehouse_mysql_continue(struct gatehouse_mysql *connection, int readiness) {
    struct gatehouse_mysql_statement *statement = connection->statement;
    int wait = 0;
    switch (connection->operation) {
    case NO_OPERATION: return 0;
    case QUERY:
        wait = gatehouse_mariadb.mysql_real_query_cont(&connection->number, connection->mysql, readiness);
        break;
    case PREPARE:
        wait = gatehouse_mariadb.mysql_stmt_prepare_cont(&connection->number, statement->handle, readiness);
        break;
    case EXECUTE:
        wait = gatehouse_mariadb.mysql_stmt_execute_cont(&connection->number, statement->handle, readiness);
        break;
    case FETCH:
        wait = gatehouse_mariadb.mysql_stmt_fetch_cont(&connection->number, statement->handle, readiness);
        break;
    case FETCH_TEXT:
        wait = gatehouse_mariadb.mysql_fetch_row_cont(&connection->row, connection->result, readiness);
        break;
    case NEXT_RESULT:
        wait = gatehouse_mariadb.mysql_next_result_cont(&connection->number, connection->mysql, readiness);
        break;
    case CLOSE_STATEMENT:
        wait = gatehouse_mariadb.mysql_stmt_close_cont(&connection->flag, statement->handle, readiness);
        break;
    }
    return go_on(connection, wait);
}

enum gatehouse_mysql_outcome gatehouse_mysql_outcome(const struct gatehouse_mysql *connection) {
    return connection->outcome;
}
