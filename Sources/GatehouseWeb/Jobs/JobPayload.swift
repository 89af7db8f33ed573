import FoundationEssentials

/// A job as the table has it: JSON.
enum JobPayload {
    /// The longest, in bytes: a job has keys, and what they stand for is in tables of its own or in files.
    static let longest = 65_536

    static func encode(_ job: some Job) throws(JobError) -> String {
        let data: Data
        do {
            data = try JSONEncoder().encode(job)
        } catch {
            throw JobError("the job \(type(of: job)) cannot be written as JSON: \(path(of: error))")
        }
        guard data.count <= longest else {
            throw JobError(
                "the job \(type(of: job)) has \(data.count) bytes as JSON, and a job has at most \(longest): keep what "
                    + "is large in a table or a file, and its key in the job")
        }
        return String(decoding: data, as: UTF8.self)
    }

    static func decode<Kind: Job>(_ kind: Kind.Type, _ payload: String) throws(JobError) -> Kind {
        guard payload.utf8.count <= longest else {
            throw JobError("the job in the table is longer than any that is enqueued")
        }
        do {
            return try JSONDecoder().decode(kind, from: Data(payload.utf8))
        } catch {
            throw JobError("the job in the table is no \(kind): \(path(of: error))")
        }
    }

    /// The place of a fault, without the value there: it may be anybody's.
    private static func path(of error: any Error) -> String {
        let (keys, fault): ([any CodingKey], String) =
            switch error {
            case DecodingError.keyNotFound(let key, let context): (context.codingPath + [key], "is missing")
            case DecodingError.typeMismatch(_, let context): (context.codingPath, "is of another type")
            case DecodingError.valueNotFound(_, let context): (context.codingPath, "is null")
            case DecodingError.dataCorrupted(let context): (context.codingPath, "has no such value")
            case EncodingError.invalidValue(_, let context): (context.codingPath, "has a value that JSON has not")
            default: ([], "cannot be read")
            }
        let path = keys.map { key in key.intValue.map { "[\($0)]" } ?? key.stringValue }.joined(separator: ".")
        return "\(path.isEmpty ? "the whole" : path) \(fault)"
    }
}
