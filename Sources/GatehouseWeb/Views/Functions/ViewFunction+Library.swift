import FoundationEssentials

extension ViewFunction {
    /// The functions that every template can call.
    static let library: [String: ViewFunction] = texts.merging(numbers) { one, _ in one }
        .merging(dates) { one, _ in one }
        .merging(values) { one, _ in one }

    /// A function of one argument that is nothing for nothing.
    private static func unlessNull(
        _ counts: ClosedRange<Int>, _ body: @escaping @Sendable (ViewArguments) throws -> ViewValue
    ) -> ViewFunction {
        ViewFunction(counts: counts) { $0[0] == .null ? .null : try body($0) }
    }

    private static let texts: [String: ViewFunction] = [
        "uppercase": ViewFunction { .string($0.text(0).uppercased()) },
        "lowercase": ViewFunction { .string($0.text(0).lowercased()) },
        "truncate": ViewFunction(counts: 2...3) { arguments in
            let text = arguments.text(0)
            let mark = arguments.count == 3 ? arguments.text(2) : "…"
            return .string(ViewText.truncated(text, to: try arguments.int(1), mark: mark))
        },
        "lines": ViewFunction { .html(ViewText.lines($0.text(0))) },
        "urlencode": ViewFunction { .string(ViewText.percentEncoded($0.text(0))) },
        "json": ViewFunction { .string(try ViewText.json($0[0])) },
        "join": ViewFunction(counts: 1...2) { arguments in
            guard case .list(let values) = arguments[0] else {
                throw ViewProblem("argument 1 must be a list, and is \(arguments[0].kind)")
            }
            let mark = arguments.count == 2 ? arguments.text(1) : ", "
            return .string(values.map { $0.text ?? "" }.joined(separator: mark))
        },
    ]

    private static let numbers: [String: ViewFunction] = [
        "number": unlessNull(1...2) { arguments in
            .string(
                ViewNumber.text(
                    arguments[0], decimals: arguments.count == 2 ? try arguments.int(1) : nil,
                    arguments.page.environment.language, or: try arguments.double(0)))
        },
        "bytes": unlessNull(1...1) { .string(ViewNumber.bytes(try $0.double(0), $0.page.environment.language)) },
        "plural": ViewFunction(counts: 2...7) { arguments in
            let form = arguments.page.environment.language.pluralForm(try arguments.int(0))
            return arguments[1 + min(max(form, 0), arguments.count - 2)]
        },
    ]

    private static let dates: [String: ViewFunction] = [
        "date": unlessNull(1...2) { try date($0, $0.page.environment.language.datePattern) },
        "datetime": unlessNull(1...1) { try date($0, $0.page.environment.language.dateTimePattern) },
        "iso": unlessNull(1...1) { .string(ViewDate(try $0.date(0), in: $0.page.environment.timeZone).rfc3339) },
        "age": unlessNull(1...1) { arguments in
            .string(ViewText.age(arguments.page.environment.now.timeIntervalSince(try arguments.date(0))))
        },
    ]

    private static func date(_ arguments: ViewArguments, _ pattern: String) throws -> ViewValue {
        // Each is looked at where it is: to take the environment out would copy all of it.
        let date = ViewDate(try arguments.date(0), in: arguments.page.environment.timeZone)
        return .string(
            try date.text(arguments.count == 2 ? arguments.text(1) : pattern, arguments.page.environment.language))
    }

    private static let values: [String: ViewFunction] = [
        "default": ViewFunction(counts: 2...2, takesMissing: true) { arguments in
            switch arguments[0] {
            case .null, .string(""): arguments[1]
            default: arguments[0]
            }
        },
        "equal": ViewFunction(counts: 2...2) { arguments in
            .bool(arguments[0] == arguments[1] || (arguments[0].text != nil && arguments[0].text == arguments[1].text))
        },
        "count": ViewFunction { arguments in
            switch arguments[0] {
            case .list(let values): .int(values.count)
            case .object(let object): .int(object.names.count)
            case .null: 0
            default: throw ViewProblem("argument 1 must be a list, and is \(arguments[0].kind)")
            }
        },
    ]
}
