#include "libmariadb.h"

#include <stdlib.h>
#include <string.h>

// Memory of at most so many bytes is kept for the next execution.
enum { KEPT = 64 * 1024 };

struct gatehouse_mysql_statement *gatehouse_mysql_statement_create(struct gatehouse_mysql *connection) {
    struct gatehouse_mysql_statement *statement = calloc(1, sizeof *statement);
    if (!statement) return NULL;
    statement->handle = gatehouse_mariadb.mysql_stmt_init(connection->mysql);
    if (statement->handle) return statement;
    free(statement);
    return NULL;
}

void gatehouse_mysql_statement_free(struct gatehouse_mysql_statement *statement) {
    if (statement->handle) gatehouse_mariadb.mysql_stmt_close(statement->handle);
    gatehouse_mysql_free_columns(statement);
    free(statement->parameters);
    free(statement->values);
    free(statement->memory);
    free(statement);
}

void gatehouse_mysql_statement_rest(struct gatehouse_mysql_statement *statement) {
    statement->used = 0;
    if (statement->capacity > KEPT) {
        free(statement->memory);
        statement->memory = NULL;
        statement->capacity = 0;
    }
    for (unsigned i = 0; i < statement->column_count; i++) {
        struct gatehouse_mysql_cell *cell = &statement->cells[i];
        if (cell->capacity <= KEPT) continue;
        free(cell->buffer);
        cell->buffer = NULL;
        cell->capacity = 0;
        // The next execution binds the columns again.
    }
}

int gatehouse_mysql_make_parameters(struct gatehouse_mysql_statement *statement) {
    unsigned count = gatehouse_mariadb.mysql_stmt_param_count(statement->handle);
    if (count == 0) return 0;
    statement->parameters = calloc(count, sizeof *statement->parameters);
    statement->values = calloc(count, sizeof *statement->values);
    if (!statement->parameters || !statement->values) return -1;
    statement->parameter_count = count;
    for (unsigned i = 0; i < count; i++) gatehouse_mysql_set_null(statement, i);
    return 0;
}

static int is_copied(enum enum_field_types type) {
    return type == MYSQL_TYPE_STRING || type == MYSQL_TYPE_BLOB || type == MYSQL_TYPE_NEWDECIMAL;
}

int gatehouse_mysql_bind_parameters(struct gatehouse_mysql_statement *statement) {
    if (statement->parameter_count == 0) return 0;
    // The memory may have moved while it grew.
    for (unsigned i = 0; i < statement->parameter_count; i++) {
        MYSQL_BIND *bind = &statement->parameters[i];
        if (is_copied(bind->buffer_type)) bind->buffer = statement->memory + statement->values[i].offset;
    }
    return gatehouse_mariadb.mysql_stmt_bind_param(statement->handle, statement->parameters) == 0 ? 0 : -1;
}

unsigned gatehouse_mysql_parameter_count(const struct gatehouse_mysql_statement *statement) {
    return statement->parameter_count;
}

static MYSQL_BIND *bind(
    struct gatehouse_mysql_statement *statement, unsigned index, enum enum_field_types type, void *place) {
    MYSQL_BIND *bind = &statement->parameters[index];
    bind->buffer_type = type;
    bind->buffer = place;
    bind->is_unsigned = 0;
    return bind;
}

void gatehouse_mysql_set_null(struct gatehouse_mysql_statement *statement, unsigned index) {
    bind(statement, index, MYSQL_TYPE_NULL, NULL);
}

void gatehouse_mysql_set_integer(struct gatehouse_mysql_statement *statement, unsigned index, int64_t value) {
    statement->values[index].integer = value;
    bind(statement, index, MYSQL_TYPE_LONGLONG, &statement->values[index].integer);
}

void gatehouse_mysql_set_unsigned(struct gatehouse_mysql_statement *statement, unsigned index, uint64_t value) {
    statement->values[index].integer = (int64_t)value;
    bind(statement, index, MYSQL_TYPE_LONGLONG, &statement->values[index].integer)->is_unsigned = 1;
}

void gatehouse_mysql_set_real(struct gatehouse_mysql_statement *statement, unsigned index, double value) {
    statement->values[index].real = value;
    bind(statement, index, MYSQL_TYPE_DOUBLE, &statement->values[index].real);
}

void gatehouse_mysql_set_moment(struct gatehouse_mysql_statement *statement, unsigned index, int64_t microseconds) {
    const int64_t day_length = INT64_C(86400000000);
    int64_t days = microseconds / day_length, rest = microseconds % day_length;
    if (rest < 0) {
        rest += day_length;
        days -= 1;
    }
    // Years of 400 begin in March here, so that the leap day is the last of its year; they are counted from 0000-03-01.
    int64_t counted = days + 719468;
    int64_t era = (counted >= 0 ? counted : counted - 146096) / 146097;
    int64_t day_of_era = counted - era * 146097;
    int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month = (5 * day_of_year + 2) / 153;
    MYSQL_TIME *time = &statement->values[index].time;
    memset(time, 0, sizeof *time);
    time->day = (unsigned)(day_of_year - (153 * month + 2) / 5 + 1);
    time->month = (unsigned)(month < 10 ? month + 3 : month - 9);
    time->year = (unsigned)(year_of_era + era * 400 + (time->month <= 2));
    time->hour = (unsigned)(rest / INT64_C(3600000000));
    time->minute = (unsigned)(rest / 60000000 % 60);
    time->second = (unsigned)(rest / 1000000 % 60);
    time->second_part = (unsigned long)(rest % 1000000);
    time->time_type = MYSQL_TIMESTAMP_DATETIME;
    bind(statement, index, MYSQL_TYPE_DATETIME, time);
}

int gatehouse_mysql_set_bytes(struct gatehouse_mysql_statement *statement, unsigned index,
    enum gatehouse_mysql_kind kind, const void *bytes, size_t length) {
    // One byte more, so that empty text has a place, too: libmariadb takes a missing one for NULL.
    size_t needed = statement->used + length + 1;
    if (needed > statement->capacity) {
        size_t capacity = needed < 256 ? 256 : needed + needed / 2;
        char *memory = realloc(statement->memory, capacity);
        if (!memory) return -1;
        statement->memory = memory;
        statement->capacity = capacity;
    }
    if (length) memcpy(statement->memory + statement->used, bytes, length);
    statement->values[index].offset = statement->used;
    statement->used = needed;
    enum enum_field_types type = kind == GATEHOUSE_MYSQL_BYTES ? MYSQL_TYPE_BLOB
        : kind == GATEHOUSE_MYSQL_DECIMAL                      ? MYSQL_TYPE_NEWDECIMAL
                                                               : MYSQL_TYPE_STRING;
    bind(statement, index, type, NULL)->buffer_length = length;
    return 0;
}
