/// A list of transcripts in which the compiler looks at one at a time: an array literal of them takes it minutes.
@resultBuilder
enum TranscriptList {
    static func buildPartialBlock(first: Transcript) -> [Transcript] { [first] }
    static func buildPartialBlock(accumulated: [Transcript], next: Transcript) -> [Transcript] { accumulated + [next] }
}

extension Transcripts {
    static func list(@TranscriptList _ transcripts: () -> [Transcript]) -> [Transcript] { transcripts() }
}
