import FuzzSupport
import GatehouseWeb

/// Input: two templates with a NUL between them. They are parsed and checked as at load, and written with values that
/// have all kinds; whatever they are, the process goes on, and within bounds.
@_cdecl("LLVMFuzzerTestOneInput")
public func test(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = UnsafeBufferPointer(start: start, count: count)
    let parts = input.split(separator: 0, maxSplits: 1, omittingEmptySubsequences: false)
    let problems = TemplateTrial.run(Array(parts[0]), parts.count > 1 ? Array(parts[1]) : [], pageBytes: 1 << 16)
    for problem in problems {
        require(problem.line > 0 && problem.column > 0, "a mistake has no place: \(problem)")
        require(problem.line <= count + 1 && problem.column <= count + 1, "a mistake has a place outside: \(problem)")
    }
    return 0
}

@_cdecl("FuzzTemplates_main")
public func run(_ count: CInt, _ words: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> CInt {
    FuzzDriver.run(count, words, test)
}
