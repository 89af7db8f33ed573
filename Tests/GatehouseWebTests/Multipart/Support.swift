import GatehouseWeb

/// Findings in a body with their bytes joined: the same for every way of cutting it.
enum Read: Equatable {
    case part(String, file: String?, type: String?, [UInt8])
    case error(MultipartError.Code, limit: String?, status: Int)

    static func field(_ name: String, _ value: String) -> Read { .part(name, file: nil, type: nil, Array(value.utf8)) }

    static var malformed: Read { .error(.malformed, limit: nil, status: 400) }
    static var truncated: Read { .error(.truncated, limit: nil, status: 400) }
}

/// Reads a body that comes in pieces of these lengths, the last one for all further ones.
func read(
    _ body: [UInt8], boundary: String = "b", pieces: [Int] = [.max], limits: MultipartLimits = MultipartLimits()
) -> [Read] {
    var found: [Read] = []
    do {
        var parser = try MultipartParser(boundary: boundary.utf8, limits: limits)
        var joiner = Joiner()
        var start = 0
        var number = 0
        while start < body.count {
            let length = min(body.count - start, pieces[min(number, pieces.count - 1)])
            number += 1
            try joiner.read(Array(body[start..<(start + length)]), by: &parser, into: &found)
            start += length
        }
        try parser.finish()
    } catch let error as MultipartError {
        found.append(.error(error.code, limit: error.limit, status: error.statusCode))
    } catch {
        preconditionFailure("\(error)")
    }
    return found
}

/// Joins a part's bytes from one piece to the next.
private struct Joiner {
    var head: PartHead?
    var bytes: [UInt8] = []

    mutating func read(_ piece: [UInt8], by parser: inout MultipartParser, into found: inout [Read]) throws {
        var index = 0
        while let event = try piece.withUnsafeBytes({ try parser.next(in: $0, at: &index) }) {
            switch event {
            case .partBegins(let begun): (head, bytes) = (begun, [])
            case .bytes(let range): bytes += piece[range]
            case .carried(let carried): bytes += carried
            case .partEnds:
                guard let head else { preconditionFailure("a part ends that has not begun") }
                found.append(.part(head.name, file: head.fileName, type: head.contentType, bytes))
            case .messageEnds: break
            }
        }
    }
}

/// A body with boundary `b`: for each part its head's lines and its bytes.
func body(_ parts: (head: String, bytes: String)...) -> [UInt8] {
    Array((parts.map { "--b\r\n\($0.head)\r\n\r\n\($0.bytes)\r\n" }.joined() + "--b--\r\n").utf8)
}

/// The head of a field.
func field(_ name: String) -> String { "Content-Disposition: form-data; name=\"\(name)\"" }

/// The head of a file.
func fileHead(_ name: String, _ file: String) -> String { field(name) + "; filename=\"\(file)\"" }

/// A body of lines that end with CR LF.
func lines(_ text: String) -> [UInt8] { Array(text.replacing("\n", with: "\r\n").utf8) }
