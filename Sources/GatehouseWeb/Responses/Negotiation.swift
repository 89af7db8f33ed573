public import Hummingbird

/// Content negotiation: the client says what it can read, and the handler chooses.
extension Request {
    /// The one of these types that the client likes best (`Accept`, RFC 9110, section 12.5.1); the earlier one if it
    /// likes two as much. `nil` if it takes none of them.
    ///
    /// ```swift
    /// switch request.accepts(.textHtml, .applicationJson) {
    /// case .applicationJson?: …
    /// default: …
    /// }
    /// ```
    ///
    /// The answer depends on the header, so it should say `Vary: Accept`. A client without `Accept`, or with one of
    /// more than 2,048 bytes, takes anything.
    public func accepts(_ types: MediaType...) -> MediaType? {
        guard let list = WeightedList(headers[.accept]) else { return types.first }
        return Self.best(of: types) { list.weight(of: $0) }
    }

    /// Whether the client likes `one` better than `other`. A client that likes both as much, or says nothing, does not.
    ///
    /// Browsers prefer `.textHtml` to `.applicationJson`; `curl` and most programs do not.
    public func prefers(_ one: MediaType, to other: MediaType) -> Bool {
        guard let list = WeightedList(headers[.accept]) else { return false }
        return list.weight(of: one) > list.weight(of: other)
    }

    /// The one of these languages that the client likes best (`Accept-Language`, RFC 9110, section 12.5.4); the first
    /// if it likes none of them.
    ///
    /// `de` stands for `de-AT`, too, if the client asks for that and nothing nearer is offered (RFC 4647, section 3.4).
    /// The answer should say `Vary: Accept-Language`.
    public func language(of languages: String...) -> String {
        language(of: languages)
    }

    /// As ``language(of:)-(String...)``, of a list; an empty list has the language `en`.
    public func language(of languages: [String]) -> String {
        guard let first = languages.first else { return "en" }
        guard let list = WeightedList(headers[.acceptLanguage]) else { return first }
        return Self.best(of: languages) { list.weight(ofLanguage: $0) } ?? first
    }

    /// The choice of most weight; `nil` if none has any.
    private static func best<Choice>(of choices: [Choice], weight: (Choice) -> Int) -> Choice? {
        var best: (choice: Choice, weight: Int)?
        for choice in choices {
            let weight = weight(choice)
            if weight > best?.weight ?? 0 { best = (choice, weight) }
        }
        return best?.choice
    }
}

extension WeightedList {
    /// The weight of a type: that of the range which fits it most specifically; 0 if none does.
    func weight(of type: MediaType) -> Int {
        let name = "\(type.type.rawValue)/\(type.subType)".lowercased()
        let family = "\(type.type.rawValue)/*".lowercased()
        var best: (specificity: Int, weight: Int) = (-1, 0)
        for item in items {
            let specificity =
                switch item.name {
                // A range with parameters is for a variant that is not offered, so it speaks for the type only if
                // nothing else does.
                case name: item.parameters == 0 ? 3 : 2
                case family: 1
                case "*/*", "*": 0
                default: -1
                }
            if specificity > best.specificity { best = (specificity, item.weight) }
        }
        return best.weight
    }

    /// The order of a language among others, 0 for none: by the weight of the most specific range that it is in, or
    /// that is in it.
    func weight(ofLanguage language: String) -> Int {
        let language = language.lowercased()
        var best: (specificity: Int, weight: Int) = (-1, 0)
        for item in items {
            let specificity: Int
            if item.name == language {
                specificity = 1_000
            } else if language.hasPrefix(item.name + "-") {
                specificity = 100 + item.name.utf8.count
            } else if item.name.hasPrefix(language + "-") {
                specificity = 1 + language.utf8.count
            } else if item.name == "*" {
                specificity = 0
            } else {
                continue
            }
            if specificity > best.specificity { best = (specificity, item.weight) }
        }
        // The nearer one of two languages that the client likes as much.
        return best.weight == 0 ? 0 : best.weight * 10_000 + best.specificity
    }
}
