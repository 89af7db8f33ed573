public import FoundationEssentials

/// A function that templates call: `{{initials(name)}}`.
///
/// ```swift
/// let initials = ViewFunction { arguments in
///     .string(arguments.text(0).split(separator: " ").compactMap(\.first).map(String.init).joined())
/// }
/// let views = try Views(context: context, helpers: [ViewHelpers(functions: ["initials": initials])])
/// ```
///
/// Its result is escaped like any other value, unless it is `.html(…)`.
public struct ViewFunction: Sendable {
    /// The counts of arguments that it takes; others are refused when the templates are loaded.
    let counts: ClosedRange<Int>
    /// Whether an argument whose name is missing is `null` and no mistake.
    let takesMissing: Bool
    let body: @Sendable (ViewArguments) throws -> ViewValue

    /// A function with one argument.
    /// - Parameter body: throws a ``ViewProblem`` about its arguments; its place in the template is added.
    public init(_ body: @escaping @Sendable (ViewArguments) throws -> ViewValue) {
        self.init(counts: 1...1, body)
    }

    /// A function.
    /// - Parameters:
    ///   - counts: the counts of arguments that it takes.
    ///   - takesMissing: whether an argument whose name is missing is `null` and no mistake.
    ///   - body: throws a ``ViewProblem`` about its arguments; its place in the template is added.
    public init(
        counts: ClosedRange<Int>, takesMissing: Bool = false,
        _ body: @escaping @Sendable (ViewArguments) throws -> ViewValue
    ) {
        self.counts = counts
        self.takesMissing = takesMissing
        self.body = body
    }

    /// "2 arguments", "1 to 3 arguments".
    var countsText: String {
        let most = counts.upperBound
        let count = counts.lowerBound == most ? "\(most)" : "\(counts.lowerBound) to \(most)"
        return most == 1 ? "\(count) argument" : "\(count) arguments"
    }
}

/// The arguments of a ``ViewFunction``.
public struct ViewArguments: Sendable {
    /// The values, as many as the template gives.
    public let values: [ViewValue]
    /// The circumstances of the page: time, time zone, language, request.
    public var environment: ViewEnvironment { page.environment }

    /// The same for every call of a page, so that a call copies none of it.
    let page: PageEnvironment

    init(_ values: [ViewValue], _ page: PageEnvironment) {
        self.values = values
        self.page = page
    }

    /// The count of arguments.
    public var count: Int { values.count }

    /// An argument; `null` for one that the template does not give.
    public subscript(index: Int) -> ViewValue { values.indices.contains(index) ? values[index] : .null }

    /// An argument as it would be written; empty for `null` and one that the template does not give.
    public func text(_ index: Int) -> String { self[index].text ?? "" }

    /// An argument that is a whole number.
    /// - Throws: ``ViewProblem`` if it is something else.
    public func int(_ index: Int) throws -> Int {
        switch self[index] {
        case .int(let value): return value
        case .double(let value):
            if let whole = Int(exactly: value) { return whole }
        case .string(let text):
            if let value = Int(text) { return value }
        default: break
        }
        throw wrong(index, "a whole number")
    }

    /// An argument that is a number.
    /// - Throws: ``ViewProblem`` if it is something else.
    public func double(_ index: Int) throws -> Double {
        switch self[index] {
        case .int(let value): return Double(value)
        case .double(let value): return value
        case .string(let text):
            if let value = Double(text) { return value }
        default: break
        }
        throw wrong(index, "a number")
    }

    /// An argument that is a date.
    /// - Throws: ``ViewProblem`` if it is something else.
    public func date(_ index: Int) throws -> Date {
        guard case .date(let date) = self[index] else { throw wrong(index, "a date") }
        return date
    }

    private func wrong(_ index: Int, _ wanted: String) -> ViewProblem {
        ViewProblem("argument \(index + 1) must be \(wanted), and is \(self[index].kind)")
    }
}

/// A page's circumstances, shared by all calls of functions.
final class PageEnvironment: Sendable {
    let environment: ViewEnvironment

    init(_ environment: ViewEnvironment) { self.environment = environment }
}

/// The circumstances under which a page is written.
public struct ViewEnvironment: Sendable {
    /// The moment of the page.
    public var now: Date
    /// The time zone in which dates are written.
    public var timeZone: ViewTimeZone
    /// The language in which dates, numbers and plurals are written.
    public var language: ViewLanguage
    /// The request's context, a ``WebRequestContext``; this file is compiled without that type, too.
    var requestContext: (any Sendable)?
}
