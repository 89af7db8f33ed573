import FoundationEssentials
import GatehouseWeb
import HTTPTypes
import Testing

struct Signup: Form {
    enum Plan: String, Decodable, CaseIterable { case free, paid }

    var name: String
    var email: String
    var age: Int?
    var plan: Plan
    var tags: [String]
    var terms: Bool
    @SecretText var password: String
    @SecretText var repeated: String

    func validate(_ check: FormCheck) {
        check("name", name).length(2...10).singleLine()
        check("email", email).email()
        check("age", age).range(18...120)
        check("tags", tags).count(...2)
        check("terms", terms).accepted()
        check("password", password).length(4...200)
        check("repeated", repeated).matches(password)
        if check.isRead("name", "password"), password.contains(name) { check.fail("password", "Not your name.") }
    }

    static let good =
        "name=Ann&email=ann@example.org&age=&plan=paid&tags=x&tags=y&terms=on&password=+se+cret+&repeated=+se+cret+"
}

/// Forms that are decoded and validated.
struct SubmissionTests {
    private func submit(_ text: String) throws -> Submission<Signup> { try Submission(FormFields(urlEncoded: text)) }

    @Test func `a form without faults has its value`() throws {
        let submission = try submit(Signup.good)
        let value = try #require(submission.value)
        #expect(submission.errors.isEmpty)
        #expect(value.name == "Ann" && value.age == nil && value.plan == .paid && value.tags == ["x", "y"])
        #expect(value.password == " se cret ")
        #expect(try submission.valid().terms)
    }

    @Test func `all faults are found at once, of texts and of rules`() throws {
        let submission = try submit(
            "name=A%0Db&email=ann&age=abc&plan=gold&tags=1&tags=2&tags=3&password=x&repeated=y")
        #expect(submission.value == nil)
        let errors = submission.errors
        #expect(errors["name"] == ["Enter one line of text."])
        #expect(errors["email"] == ["Enter an email address such as name@example.org."])
        #expect(errors["age"] == ["Enter a whole number."])
        #expect(errors["plan"] == ["Choose one of the options."])
        #expect(errors["tags"] == ["Give at most 2."])
        #expect(errors["terms"] == ["Please tick this box."])
        #expect(errors["password"] == ["Enter at least 4 characters."])
        #expect(errors["repeated"] == ["The two entries are not the same."])
        #expect(errors.fields.count == 8)
    }

    @Test func `a field that could not be read has no fault of a rule beside`() throws {
        let errors = try submit("").errors
        for field in ["name", "email", "plan", "password", "repeated"] {
            #expect(errors.faults(of: field) == [.required], "\(field)")
        }
        #expect(errors.faults(of: "terms") == [.accepted])
        #expect(errors["age"] == [] && errors["tags"] == [])
        #expect(try submit(Signup.good + "&name=secret").value != nil)
        #expect(try submit(Signup.good + "&name=cret").errors["password"] == ["Not your name."])
    }

    struct Order: Form {
        struct Item: Form {
            var name: String
            var count: Int

            func validate(_ check: FormCheck) {
                check("count", count).range(1...9)
                if check.isRead("name"), name == "bad" { check.fail("", "No such thing.") }
            }
        }

        var main: Item
        var items: [Item]

        func validate(_ check: FormCheck) { check("items", items).count(1...) }
    }

    @Test func `a form in a form is validated under its own name`() throws {
        func errors(_ text: String) throws -> FormErrors {
            try Submission<Order>(FormFields(urlEncoded: text)).errors
        }
        let found = try errors("main.name=bad&main.count=0&items[3].name=x&items[3].count=10&items[5].name=y")
        #expect(found.fields.sorted() == ["items[3].count", "items[5].count", "main", "main.count"])
        #expect(found.faults(of: "items[3].count") == [.tooLarge(maximum: "9")])
        #expect(found["main"] == ["No such thing."])
        #expect(try errors("main.name=a&main.count=1").faults(of: "items") == [.tooFew(minimum: 1)])
    }

    @Test func `a handler adds what only it can find`() throws {
        var submission = try submit(Signup.good)
        submission.fail("email", "This address has an account.")
        #expect(submission.value == nil && submission.status == .unprocessableContent)
        #expect(submission.errors["email"] == ["This address has an account."])
        #expect(throws: FormErrors.self) { try submission.valid() }
    }

    @Test func `messages can be of another language`() throws {
        let german = FormMessages { $0 == .required ? "Bitte ausfüllen." : FormMessages.english.text($0) }
        let errors = try Submission<Signup>(FormFields(urlEncoded: "age=x"), messages: german).errors
        #expect(errors["name"] == ["Bitte ausfüllen."] && errors["age"] == ["Enter a whole number."])
    }

    enum Mood: String, Decodable { case good, bad }
    struct Diary: Form { var title: String, mood: Mood, text: String }

    @Test func `a choice that is no CaseIterable ends the search for faults, never the process`() throws {
        let errors = try Submission<Diary>(FormFields(urlEncoded: "mood=odd")).errors
        #expect(errors.faults(of: "mood") == [.choice] && errors.faults(of: "title") == [.required])
        #expect(try Submission<Diary>(FormFields(urlEncoded: "title=a&mood=bad&text=b")).value?.mood == .bad)
    }

    @Test func `a client sets nothing that the form does not name`() throws {
        // Mass assignment (N5): the type is the list of what is read.
        struct Profile: Form, Equatable {
            var name: String
        }
        let sent = try FormFields(urlEncoded: "name=Ann&isAdmin=on&id=1&name.first=x&name[0]=y&validate=1")
        #expect(try Submission<Profile>(sent).value == Profile(name: "Ann"))
    }

    @Test func `a secret is nowhere to be read`() throws {
        let submission = try submit("password=hunter22&repeated=hunter22")
        let view = try JSONEncoder().encode(submission.view)
        #expect(!String(decoding: view, as: UTF8.self).contains("hunter22"))
        #expect(submission.view.field("password").value == "")
        let secret = SecretText(wrappedValue: "hunter22")
        #expect("\(secret)" == "(secret)" && String(reflecting: secret) == "(secret)")
        var dumped = ""
        dump(secret, to: &dumped)
        #expect(!dumped.contains("hunter22"))
        #expect(!"\(submission.errors)".contains("hunter22"))
    }
}
