extension FormView {
    /// The type of an input.
    public enum InputType: String, Sendable {
        /// One line of text.
        case text
        /// An e-mail address.
        case email
        /// A text that nobody sees, and that no page shows again.
        case password
        /// A number.
        case number
        /// A text to search for.
        case search
        /// A telephone number.
        case tel
        /// An address of the web.
        case url
        /// A day.
        case date
        /// A time of day, without a zone.
        case time
        /// A month of a year.
        case month
        /// A text that the page has for itself.
        case hidden
        /// A file, which no page gives back.
        case file
        /// A colour.
        case color
        /// A number about which only its place in a range matters.
        case range
        /// A date and a time without a zone.
        case dateTime = "datetime-local"
    }

    /// An `<input>` with what was typed, without a label: see ``input(_:_:type:_:)`` for the whole field.
    public func control(_ name: String, type: InputType = .text, _ attributes: HTMLAttributes = [:]) -> HTML {
        let field = field(name)
        var own: HTMLAttributes = ["type": .text(type.rawValue), "name": .text(name)]
        if type != .hidden { own = own.merging(field.attributes) }
        // A password is typed again, and no file can be given back.
        if type != .password, type != .file { own["value"] = .text(field.value(for: type)) }
        return "<input\(own.merging(attributes))>"
    }

    /// An input with its label and what is wrong with it.
    public func input(
        _ name: String, _ label: HTML, type: InputType = .text, _ attributes: HTMLAttributes = [:]
    ) -> HTML {
        whole(name, label, control(name, type: type, attributes))
    }

    /// A text of several lines, with its label and what is wrong with it.
    public func textarea(_ name: String, _ label: HTML, _ attributes: HTMLAttributes = [:]) -> HTML {
        let field = field(name)
        let own: HTMLAttributes = ["name": .text(name)]
        // A line end at the beginning would be lost: browsers leave out the first.
        return whole(
            name, label,
            "<textarea\(own.merging(field.attributes).merging(attributes))>\n\(field.value)</textarea>")
    }

    /// A list of choices, with its label and what is wrong with it. `multiple` among the attributes makes it one for an
    /// array; an empty value among the choices stands for none.
    public func select(
        _ name: String, _ label: HTML, _ choices: [(value: String, label: String)], _ attributes: HTMLAttributes = [:]
    ) -> HTML {
        let own: HTMLAttributes = ["name": .text(name)]
        let options = options(name, choices).map { option -> HTML in
            let attributes: HTMLAttributes = ["value": .text(option.value), "selected": .flag(option.isSelected)]
            return "<option\(attributes)>\(option.label)</option>"
        }
        return whole(
            name, label, "<select\(own.merging(field(name).attributes).merging(attributes))>\(options)</select>")
    }

    /// A list of the choices of an enum, with their raw values as labels unless `title` gives others.
    public func select<Choice: CaseIterable & RawRepresentable>(
        _ name: String, _ label: HTML, _ type: Choice.Type, title: (Choice) -> String = { "\($0.rawValue)" },
        _ attributes: HTMLAttributes = [:]
    ) -> HTML {
        select(name, label, Self.choices(of: type, title), attributes)
    }

    /// A box to tick for a `Bool`, with its label and what is wrong with it.
    public func checkbox(_ name: String, _ label: HTML, _ attributes: HTMLAttributes = [:]) -> HTML {
        let field = field(name)
        let own: HTMLAttributes = ["type": "checkbox", "name": .text(name), "checked": .flag(field.isTicked)]
        var described = field.attributes
        described["required"] = nil
        return """
            <p class="field"><label><input\(own.merging(described).merging(attributes))> \(label)</label>\
            \(errorText(name))</p>

            """
    }

    /// A group of boxes for an array, or of round ones for a single choice, with its label and what is wrong with it.
    public func choices(
        _ name: String, _ label: HTML, _ choices: [(value: String, label: String)], single: Bool = false
    ) -> HTML {
        let field = field(name)
        let boxes = options(name, choices).map { option -> HTML in
            let attributes: HTMLAttributes = [
                "type": single ? "radio" : "checkbox", "name": .text(name), "value": .text(option.value),
                "checked": .flag(option.isSelected), "required": .flag(single && field.isRequired),
            ]
            return "<label><input\(attributes)> \(option.label)</label>\n"
        }
        let described: HTMLAttributes = ["aria-describedby": field.isInvalid ? .text(field.errorID) : nil]
        return """
            <fieldset class="field"\(described)><legend>\(label)</legend>
            \(boxes)\(errorText(name))</fieldset>

            """
    }

    /// A group of boxes, or of round ones, for the cases of an enum, with their raw values as labels unless `title`
    /// gives others.
    public func choices<Choice: CaseIterable & RawRepresentable>(
        _ name: String, _ label: HTML, _ type: Choice.Type, title: (Choice) -> String = { "\($0.rawValue)" },
        single: Bool = false
    ) -> HTML {
        choices(name, label, Self.choices(of: type, title), single: single)
    }

    /// The messages of a field; nothing if there is none.
    public func errorText(_ name: String) -> HTML {
        let field = field(name)
        guard field.isInvalid else { return "" }
        return "<span class=\"error\" id=\"\(field.errorID)\">\(field.errors.joined(separator: " "))</span>"
    }

    /// The messages that belong to no field, for the top of the form; nothing if there is none.
    public var errorSummary: HTML {
        let messages = generalErrors
        guard !messages.isEmpty else { return "" }
        return "<div class=\"error\" role=\"alert\">\(messages.map { "<p>\($0)</p>" as HTML })</div>\n"
    }

    private func whole(_ name: String, _ label: HTML, _ control: HTML) -> HTML {
        "<p class=\"field\"><label for=\"\(field(name).id)\">\(label)</label>\n\(control)\(errorText(name))</p>\n"
    }
}

extension FormField {
    /// The `id` of the element that has the messages.
    public var errorID: String { id + "-error" }

    /// The attributes that each control of the field has.
    var attributes: HTMLAttributes {
        [
            "id": .text(id), "required": .flag(isRequired), "aria-invalid": isInvalid ? "true" : nil,
            "aria-describedby": isInvalid ? .text(errorID) : nil,
        ]
    }

    /// The text as an input of a type takes it: a stored date is `2026-03-31T14:30`, of which each shows its part. A
    /// text that was typed is given back as it is.
    func value(for type: FormView.InputType) -> String {
        let value = value
        guard FormDate.seconds(value) != nil, value.utf8.count >= 16, value.contains("T") else { return value }
        switch type {
        case .date: return String(value.prefix(10))
        case .month: return String(value.prefix(7))
        case .time: return String(value.dropFirst(11))
        default: return value
        }
    }
}
