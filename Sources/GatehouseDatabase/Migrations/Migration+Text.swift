extension Migration {
    /// Makes a step of a library's own tables, whose SQL is no file.
    /// - Parameter sql: any number of statements, for each dialect.
    package init(name: String, sql: [Dialect: String]) {
        var files: [Dialect?: MigrationFile] = [:]
        for (dialect, text) in sql { files[dialect] = MigrationFile(path: name, text: text) }
        self.init(name: name, work: .files(files))
    }
}
