import FoundationEssentials
import FuzzSupport
import GatehouseWeb

/// Input: a form as `application/x-www-form-urlencoded`, or as JSON if it begins with a brace.
@_cdecl("LLVMFuzzerTestOneInput")
public func test(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = UnsafeBufferPointer(start: start, count: count)
    let limits = FormLimits(bytes: 4_000, fields: 100, nameBytes: 300, valueBytes: 1_000)
    if bytes.first == UInt8(ascii: "{") {
        if let fields = try? FormFields(json: Data(bytes), limits: limits) { checkForm(fields) }
        return 0
    }
    guard let fields = try? FormFields(urlEncoded: bytes, limits: limits) else {
        require(isRefused(bytes, limits), "a form is refused that has no fault")
        return 0
    }
    require(pairs(fields) == reference(bytes), "fields are others than the URL Standard says")
    let again = try? FormFields(urlEncoded: fields.urlEncoded, limits: FormLimits())
    require(again.map(pairs) == pairs(fields), "fields do not come back")
    checkForm(fields)
    return 0
}

/// The fields' bytes: texts that differ only in their normal form are equal to Swift.
private func pairs(_ fields: FormFields) -> [[[UInt8]]] {
    fields.fields.map { [Array($0.name.utf8), Array($0.value.utf8)] }
}

/// The URL Standard's parser as it is written there, on arrays.
private func reference(_ bytes: UnsafeBufferPointer<UInt8>) -> [[[UInt8]]] {
    bytes.split(separator: UInt8(ascii: "&")).map { field in
        let parts = field.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
        return [decoded(Array(parts[0])), parts.count > 1 ? decoded(Array(parts[1])) : []]
    }
}

private func decoded(_ bytes: [UInt8]) -> [UInt8] {
    var result: [UInt8] = [], index = 0
    while index < bytes.count {
        if bytes[index] == UInt8(ascii: "%"), index + 2 < bytes.count,
            let text = String(validating: bytes[(index + 1)...(index + 2)], as: UTF8.self), text.first != "+",
            text.first != "-", let byte = UInt8(text, radix: 16)
        {
            result.append(byte)
            index += 3
        } else {
            result.append(bytes[index] == UInt8(ascii: "+") ? UInt8(ascii: " ") : bytes[index])
            index += 1
        }
    }
    return result
}

private func isRefused(_ bytes: UnsafeBufferPointer<UInt8>, _ limits: FormLimits) -> Bool {
    let fields = reference(bytes)
    return bytes.count > limits.bytes || fields.count > limits.fields
        || fields.contains { field in
            field[0].count > limits.nameBytes || field[1].count > limits.valueBytes
                || field.contains { $0.contains(0) || String(validating: $0, as: UTF8.self) == nil }
        }
}

/// A form with a field of each type, and one that contains itself.
private struct Everything: Form {
    struct Item: Form {
        var name: String
        var count: UInt8?
        var tags: [String?]
        @SecretText var password: String

        func validate(_ check: FormCheck) { check("name", name).length(...5) }
    }
    enum Plan: String, Decodable, CaseIterable { case free, paid }

    var name: String
    var age: Int
    var ratio: Double?
    var price: Decimal?
    var on: Bool
    var plan: Plan
    var day: Date?
    var id: UUID?
    var page: URL?
    var email: String?
    var tags: [String]
    var numbers: Set<Int>
    var items: [Item]
    var item: Item?
    var more: [String: Int]

    func validate(_ check: FormCheck) {
        check("name", name).length(1...20).singleLine()
        check("age", age).range(0...99)
        check("email", email).email()
        check("tags", tags).count(...3)
        if check.isRead("name", "age"), age == 13 { check.fail("", "No.") }
    }
}

private final class Chain: Form {
    let name: String?
    let next: Chain?
    let all: [Chain]
}

private func checkForm(_ fields: FormFields) {
    _ = try? Submission<Chain>(fields)
    guard let submission = try? Submission<Everything>(fields) else {
        return require(fields.fields.contains { $0.name.utf8.count > 16 }, "a form is too deep that is not deep")
    }
    require((submission.value == nil) == !submission.errors.isEmpty, "a value and errors")
    if let value = submission.value { checkValue(value, fields) }
    checkPage(submission)
}

private func checkValue(_ value: Everything, _ fields: FormFields) {
    require(value.age == fields["age"].flatMap { Int(FormText.trimmed($0)) }, "another number")
    require(!value.name.isEmpty && value.name == fields["name"].map(FormText.typed), "another text")
    require(value.items.allSatisfy { !$0.name.isEmpty }, "a row without what it must have")
    if let page = value.page { require(page.scheme == "http" || page.scheme == "https", "an address of another kind") }
}

/// A page has as many elements whatever was typed, and its value for a template can be made.
private func checkPage<Value: Form>(_ submission: Submission<Value>) {
    let view = submission.view
    require((try? JSONEncoder().encode(view)) != nil, "no value for a template")
    for field in submission.fields.fields.prefix(10) {
        let control = view.control(field.name).text.utf8
        require(count(control, "<") == 1 && count(control, ">") == 1, "a control with an element more")
        let page = view.textarea(field.name, "x").text.utf8
        require(count(page, "<") == (view.field(field.name).isInvalid ? 8 : 6), "a field with an element more")
        let link = HTML.safeLink(field.value)
        let plain = String(decoding: link.utf8.filter { $0 > 0x20 }, as: UTF8.self).lowercased()
        require(!plain.hasPrefix("javascript:") && !plain.hasPrefix("data:"), "a link that runs a script")
        require(count(field.value.htmlEscaped.utf8, "<") == 0, "text that is HTML")
    }
}

private func count(_ text: String.UTF8View, _ mark: Unicode.Scalar) -> Int {
    text.reduce(0) { $0 + ($1 == UInt8(ascii: mark) ? 1 : 0) }
}

@_cdecl("FuzzForms_main")
public func run(_ count: CInt, _ words: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> CInt {
    FuzzDriver.run(count, words, test)
}
