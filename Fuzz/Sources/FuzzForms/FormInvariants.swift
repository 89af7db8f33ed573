import FoundationEssentials
import FuzzSupport
@testable import GatehouseWeb

/// A form with a field of each type, and one that contains itself.
private struct Everything: Form {
    struct Item: Form {
        var name: String
        var count: UInt8?
        var tags: [String?]
        @Secret var password: String

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

func checkForm(_ fields: FormFields) {
    if let chain = try? Submission<Chain>(fields) { checkPage(chain) }
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
