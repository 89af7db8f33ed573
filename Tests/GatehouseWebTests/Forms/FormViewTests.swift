import FoundationEssentials
import GatehouseWeb
import Testing

/// Forms as pages show them.
struct FormViewTests {
    struct Order: Form {
        struct Item: Form {
            var name: String
            @SecretText var code: String
            var tags: [String]
        }
        enum Size: String, Decodable, CaseIterable { case small, large }

        var email: String
        var day: Date?
        var size: Size?
        var gift: Bool
        var note: String?
        var items: [Item]
        var address: SubmissionTests.Order.Item?
    }

    private func view(_ text: String) throws -> FormView {
        try Submission<Order>(FormFields(urlEncoded: text)).view
    }

    @Test func `an empty form has all fields, and says which must be filled in`() throws {
        let view = Submission<Order>.empty().view
        #expect(view.field("email").isRequired && !view.field("note").isRequired && !view.field("gift").isRequired)
        #expect(!view.field("items").isRequired && view.field("items[7].name").isRequired)
        #expect(!view.field("address.name").isRequired && !view.field("nothing").isRequired)
        #expect(Submission<Order>.empty().value == nil && Submission<Order>.empty().errors.isEmpty)
    }

    @Test func `what did not decode is shown as it was typed`() throws {
        let view = try view("email=a%22b&day=tomorrow&size=huge&gift=maybe&items[4].name=+&items[4].code=x1")
        let email = view.input("email", "Email", type: .email, ["maxlength": 80])
        #expect(
            email == """
                <p class="field"><label for="field-email">Email</label>
                <input type="email" name="email" id="field-email" required value="a&quot;b" maxlength="80"></p>

                """)
        let day = view.input("day", "Day", type: .date)
        #expect(
            day == """
                <p class="field"><label for="field-day">Day</label>
                <input type="date" name="day" id="field-day" aria-invalid="true" aria-describedby="field-day-error" \
                value="tomorrow"><span class="error" id="field-day-error">Enter a date such as 2026-03-31, or a \
                time such as 14:30.</span></p>

                """)
        #expect(view.rows("items") == ["items[4]"])
        #expect(view.field("items[4].name").errors == ["This field is required."])
        #expect(view.control("items[4].code", type: .password).text.contains("id=\"field-items-4--code\""))
        #expect(!view.control("items[4].code").text.contains("x1"))
        #expect(view.generalErrors == [])
    }

    @Test func `text of a visitor stays text in every control`() throws {
        // The attack ends an attribute, an element and a choice, each of which must stay open (N4).
        let attack = "\"'><script>alert(1)</script></textarea></option>"
        var fields = FormFields()
        for name in ["email", "note", "size", "day", "items[0].name"] { fields.append(name, attack) }
        let view = try Submission<Order>(fields).view
        let page: HTML = """
            \(view.input("email", "Email"))\(view.textarea("note", "Note"))\(view.input("day", "Day", type: .date))
            \(view.select("size", "Size", [(attack, attack)]))\(view.choices("size", "Size", [(attack, attack)]))
            \(view.control("items[0].name"))\(view.control("email", type: .hidden))\(view.checkbox("gift", "Gift"))
            \(view.errorText("day"))\(view.errorSummary)
            """
        #expect(!page.text.contains("<script") && !page.text.contains("\"'>") && page.text.contains("&lt;script&gt;"))
        #expect(page.text.components(separatedBy: "</textarea>").count == 2)
    }

    @Test func `choices and boxes keep what was chosen`() throws {
        let view = try view("size=large&gift=on&note=x&note=y")
        let select = view.select("size", "Size", Order.Size.self)
        #expect(
            select.text.contains(
                "<option value=\"small\">small</option><option value=\"large\" selected>large</option>"))
        #expect(view.checkbox("gift", "Gift").text.contains("type=\"checkbox\" name=\"gift\" checked id="))
        let boxes = view.choices("note", "Notes", [("x", "X"), ("z", "Z")])
        #expect(boxes.text.contains("value=\"x\" checked") && boxes.text.contains("value=\"z\">"))
        #expect(view.choices("size", "Size", [("small", "S")], single: true).text.contains("type=\"radio\""))
        #expect(view.options("size", [("large", "L")]) == [FormOption(value: "large", label: "L", isSelected: true)])
        let sizes = view.options("size", Order.Size.self) { $0.rawValue.uppercased() }
        #expect(sizes.map(\.label) == ["SMALL", "LARGE"] && sizes.map(\.isSelected) == [false, true])
        let group = view.choices("size", "Size", Order.Size.self, single: true)
        #expect(group == view.choices("size", "Size", [("small", "small"), ("large", "large")], single: true))
    }

    @Test func `a text of lines keeps its first line end`() throws {
        let view = try view("note=%0D%0Aa")
        #expect(view.textarea("note", "Note").text.contains(">\n\r\na</textarea>"))
    }

    @Test func `faults that no field shows are shown for the form`() throws {
        var submission = try Submission<Order>(FormFields(urlEncoded: "email=a"))
        submission.fail("emial", "Misspelt.")
        submission.fail("", "Closed <today>.")
        submission.fail("email", "Taken.")
        #expect(submission.view.generalErrors == ["Misspelt.", "Closed <today>."])
        #expect(
            submission.view.errorSummary == """
                <div class="error" role="alert"><p>Misspelt.</p><p>Closed &lt;today&gt;.</p></div>

                """)
    }

    struct Stored: Encodable {
        struct Item: Encodable { var name = "a<b" }
        var email = "ann@example.org"
        var day = Date(timeIntervalSince1970: 1_774_967_400)
        var gift = true
        var note: String?
        var size = "large"
        var price = Decimal(string: "12.50")
        var tags = ["x", "y"]
        var items = [Item(), Item()]
    }

    @Test func `a stored value fills the form`() throws {
        let view = try Submission<Order>.filled(with: Stored()).view
        #expect(view.control("email").text.contains("value=\"ann@example.org\""))
        #expect(view.control("day", type: .date).text.contains("value=\"2026-03-31\""))
        #expect(view.control("day", type: .time).text.contains("value=\"14:30\""))
        #expect(view.control("day", type: .dateTime).text.contains("value=\"2026-03-31T14:30\""))
        #expect(view.field("gift").isTicked && view.field("note").value == "" && view.field("size").value == "large")
        #expect(view.field("price").value == "12.5" && view.field("tags").values == ["x", "y"])
        #expect(view.rows("items") == ["items[0]", "items[1]"] && view.field("items[1].name").value == "a<b")
    }

    @Test func `a template gets all fields by name, and none that a client made up`() throws {
        let view = try view("email=a&items[3].name=x&unknown=1&errors=2&items[3].odd=1&address.name=B")
        let tree = try JSONDecoder().decode(Tree.self, from: try JSONEncoder().encode(view))
        #expect(Set(tree.members.keys) == ["fields", "errors", "isInvalid"])
        let fields = try #require(tree.members["fields"])
        #expect(Set(fields.members.keys) == ["email", "day", "size", "gift", "note", "items", "address"])
        #expect(fields.members["email"]?.members["value"]?.text == "a")
        let row = try #require(fields.members["items"]?.members["rows"]?.elements.first)
        #expect(Set(row.members.keys) == ["name", "code", "tags"])
        #expect(row.members["name"]?.members["name"]?.text == "items[3].name")
        #expect(row.members["code"]?.members["error"]?.text == "This field is required.")
        #expect(fields.members["address"]?.members["name"]?.members["value"]?.text == "B")
    }

    @Test func `rows of names that nobody reads cost nothing`() throws {
        // All rows of one name of a kibibyte have 200 KiB; a thousand names would have 200 MiB (N3).
        let names = (0..<1_000).map { "other[\($0)]" + String(repeating: "[0]", count: 300) + "=1" }
        let view = try view(names.joined(separator: "&"))
        let start = ContinuousClock.now
        _ = try JSONEncoder().encode(view)
        #expect(view.rows("other").isEmpty)
        #expect(.now - start < .seconds(2))
    }

    /// A document of JSON.
    struct Tree: Decodable {
        var members: [String: Tree] = [:]
        var elements: [Tree] = []
        var text: String?

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            members = (try? container.decode([String: Tree].self)) ?? [:]
            elements = (try? container.decode([Tree].self)) ?? []
            text = try? container.decode(String.self)
        }
    }
}
