import FoundationEssentials

/// A value that is kept as a JSON document, in a column of type `json`, `jsonb`, `JSON` or text.
///
/// ```swift
/// struct Note: Codable { var id: Int; var tags: JSON<[String]> }
/// try await database.execute("UPDATE note SET tags = \(JSON(["red", "round"])) WHERE id = \(id)")
/// ```
///
/// Dates in it are text such as `2026-01-02T03:04:05.000006Z`, and `Data` is base64.
public struct JSON<Value: Codable & Sendable>: ColumnValue, Codable {
    /// The value in the document.
    public var value: Value

    /// Wraps a value.
    public init(_ value: Value) { self.value = value }

    /// The document. A value that JSON does not have, such as NaN, makes the statement an error.
    public var sqlValue: SQLValue {
        do {
            return .json(String(decoding: try JSONDocument.encode(value), as: UTF8.self))
        } catch {
            return .invalid("\(Value.self) does not encode to JSON")
        }
    }

    /// Reads a document.
    /// - Throws: ``CellError`` if the value is `NULL`, no JSON, or a document that does not fit `Value`.
    public init(_ cell: Cell) throws(CellError) { value = try cell.json(Value.self) }

    /// Decodes the value alone, so that a type with such a property is as good for documents as for rows.
    public init(from decoder: any Decoder) throws { value = try Value(from: decoder) }

    /// Encodes the value alone.
    public func encode(to encoder: any Encoder) throws { try value.encode(to: encoder) }
}

extension JSON: Equatable where Value: Equatable {}
extension JSON: Hashable where Value: Hashable {}

extension Cell {
    func json<Value: Decodable>(_ type: Value.Type) throws(CellError) -> Value {
        let document: Data
        switch storage {
        case .null: throw .isNull
        case .text(let bytes), .bytes(let bytes): document = Data(bytes)
        // A column that SQLite takes for a number, whose document is one.
        case .integer(let value): document = Data("\(value)".utf8)
        case .unsigned(let value): document = Data("\(value)".utf8)
        case .real(let value): document = Data("\(value)".utf8)
        }
        do {
            return try JSONDocument.decode(type, document)
        } catch DecodingError.keyNotFound(let key, _) {
            // The key is the type's own; other parts of an error could be the document's.
            throw CellError("is JSON without the key \"\(key.stringValue)\" of \(Value.self)")
        } catch DecodingError.typeMismatch, DecodingError.valueNotFound {
            throw CellError("is JSON of another form than \(Value.self)")
        } catch {
            throw CellError("is no JSON that fits \(Value.self)")
        }
    }
}

/// Coders whose dates are the text forms of moments.
enum JSONDocument {
    static func encode(_ value: some Encodable) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .custom { date, encoder in
            guard case .instant(let microseconds) = date.sqlValue, Timestamp.fourDigitYears.contains(microseconds)
            else {
                throw EncodingError.invalidValue(date, .init(codingPath: [], debugDescription: "out of range"))
            }
            var text: [UInt8] = []
            Timestamp.append(microseconds, for: .mySQL, to: &text)
            text[10] = UInt8(ascii: "T")
            var container = encoder.singleValueContainer()
            try container.encode(String(decoding: text, as: UTF8.self) + "Z")
        }
        return try encoder.encode(value)
    }

    static func decode<Value: Decodable>(_ type: Value.Type, _ document: Data) throws -> Value {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .custom { decoder in
            let text = Array(try decoder.singleValueContainer().decode(String.self).utf8)
            return try text.withUnsafeBufferPointer { try Date(Cell(.text($0), .sqlite)) }
        }
        return try decoder.decode(type, from: document)
    }
}
