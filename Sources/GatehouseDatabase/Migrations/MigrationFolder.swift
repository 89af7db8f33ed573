import FoundationEssentials
import GatehouseSystem

/// A folder of SQL files with the steps of a schema.
struct MigrationFolder {
    let path: String

    func migrations() throws(MigrationError) -> [Migration] {
        var steps: [String: [Dialect?: MigrationFile]] = [:]
        for file in try fileNames() {
            let (name, dialect) = try Self.parse(file, in: path)
            steps[name, default: [:]][dialect] = try MigrationFile(path: "\(path)/\(file)")
        }
        var byNumber: [Int: String] = [:]
        for name in steps.keys.sorted() {
            let number = Self.number(of: name) ?? 0
            if let other = byNumber.updateValue(name, forKey: number) {
                throw MigrationError(
                    "\(path): the migrations \(other) and \(name) have the same number: give the later one the next "
                        + "free number")
            }
        }
        return byNumber.sorted { $0.key < $1.key }.map { _, name in
            Migration(name: name, work: .files(steps[name] ?? [:]))
        }
    }

    private func fileNames() throws(MigrationError) -> [String] {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: path)
                .filter { $0.hasSuffix(".sql") && !$0.hasPrefix(".") }.sorted()
        } catch {
            throw MigrationError(
                "\(path): the folder of the migrations cannot be read: it is in the module's Resources, and gatehouse "
                    + "build copies it to the .resources folder beside the .so")
        }
    }

    /// The step's name and dialect: `001_notes` and SQLite of `001_notes.sqlite.sql`.
    static func parse(_ file: String, in folder: String) throws(MigrationError) -> (String, Dialect?) {
        let stem = file.dropLast(".sql".count)
        guard number(of: String(stem)) != nil else {
            throw MigrationError(
                "\(folder)/\(file): a migration's name begins with its number, as 001_notes.sql does: rename the file")
        }
        guard let dot = stem.firstIndex(of: ".") else { return (String(stem), nil) }
        let suffix = stem[stem.index(after: dot)...]
        guard let dialect = Dialect.allCases.first(where: { $0.rawValue.lowercased() == suffix }) else {
            throw MigrationError(
                "\(folder)/\(file): \"\(suffix)\" is none of postgresql, mysql, sqlite: rename the file")
        }
        return (String(stem[..<dot]), dialect)
    }

    private static func number(of name: String) -> Int? { Int(name.prefix { $0.isASCII && $0.isNumber }) }
}

/// The text of one SQL file.
struct MigrationFile: Sendable {
    let path: String
    let text: String

    /// The longest file, in bytes: data belongs into a database by other ways.
    static let longest = 16 << 20

    init(path: String) throws(MigrationError) {
        guard let bytes = FileManager.default.contents(atPath: path) else {
            throw MigrationError("\(path) cannot be read")
        }
        guard bytes.count <= Self.longest else {
            throw MigrationError("\(path) has \(bytes.count) bytes, a migration can have \(Self.longest)")
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw MigrationError("\(path) is no UTF-8 text: convert it (iconv -t utf-8)")
        }
        self.init(path: path, text: text)
    }

    init(path: String, text: String) {
        self.path = path
        // A checkout may have other line ends than the one before.
        self.text = text.replacing("\r\n", with: "\n")
    }

    /// Whether the statements run in one transaction.
    var isTransactional: Bool {
        let first = text.prefix { $0 != "\n" }
        return first.split(separator: " ").joined(separator: " ").lowercased() != "-- gatehouse: no transaction"
    }

    /// A hash that tells one content from another, in 16 hexadecimal digits.
    static func checksum(_ texts: some Sequence<String>) -> String {
        var hash = StableHash()
        for text in texts {
            hash.add(text)
            // No text has this byte, so that the end of one counts.
            hash.add(0xff)
        }
        let digits = String(hash.value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
