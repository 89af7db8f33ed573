/// Every transcript of all protocols.
enum Transcripts {
    static let all = frontServers + fastCGI + fastCGIFaults + scgi + scgiFaults + uwsgi + uwsgiFaults

    /// The variables of an ordinary request.
    static func get(_ uri: String, _ more: [(String, String)] = []) -> [(String, String)] {
        [("REQUEST_METHOD", "GET"), ("REQUEST_URI", uri)] + more
    }

    static func post(_ uri: String, _ length: Int, _ more: [(String, String)] = []) -> [(String, String)] {
        [("CONTENT_LENGTH", "\(length)"), ("REQUEST_METHOD", "POST"), ("REQUEST_URI", uri)] + more
    }
}

/// A list of transcripts in which the compiler looks at one at a time: an array literal of them takes it minutes.
@resultBuilder
enum TranscriptList {
    static func buildPartialBlock(first: Transcript) -> [Transcript] { [first] }
    static func buildPartialBlock(accumulated: [Transcript], next: Transcript) -> [Transcript] { accumulated + [next] }
}

extension Transcripts {
    static func list(@TranscriptList _ transcripts: () -> [Transcript]) -> [Transcript] { transcripts() }
}
