import FoundationEssentials
import GatehouseWeb
import Testing

/// Values of fields, by their types.
struct FormDecodingTests {
    struct Text: Decodable, Equatable { var a: String }
    struct Maybe<Value: Decodable & Equatable>: Decodable, Equatable { var a: Value? }
    struct Just<Value: Decodable & Equatable>: Decodable, Equatable { var a: Value }

    enum Plan: String, Codable, CaseIterable { case free, paid }
    enum Level: Int, Decodable { case low = 1, high = 2 }

    private func decode<Value: Decodable>(_ type: Value.Type, _ text: String) throws -> Value {
        try FormFields(urlEncoded: text).decode(type)
    }

    private func faults<Value: Decodable>(_ type: Value.Type, _ text: String, _ field: String = "a") throws
        -> [FormFault]
    {
        let error = #expect(throws: FormErrors.self) { try decode(type, text) }
        return try #require(error).faults(of: field)
    }

    @Test func `the last of several texts counts for one value`() throws {
        #expect(try decode(Text.self, "a=1&a=2").a == "2")
        #expect(try decode(Just<Int>.self, "a=1&b=3&a=2").a == 2)
    }

    @Test func `text is trimmed, and its lines end as they were typed`() throws {
        #expect(try decode(Text.self, "a=+%09x+y%0D%0A").a == "x y")
        #expect(try decode(Text.self, "a=x%0D%0A%0D%0Ay%0Dz").a == "x\n\ny\rz")
        #expect(try decode(Text.self, "a=%C2%A0x%E3%80%80").a == "x")
    }

    @Test func `nothing is nil for an optional, and a fault for any other`() throws {
        for text in ["", "a=", "a=+%0D%0A", "b=1"] {
            #expect(try decode(Maybe<String>.self, text).a == nil)
            #expect(try decode(Maybe<Int>.self, text).a == nil)
            #expect(try decode(Maybe<Date>.self, text).a == nil)
            #expect(try decode(Maybe<Plan>.self, text).a == nil)
            #expect(try decode(Maybe<Level>.self, text).a == nil)
            #expect(try decode(Maybe<Decimal>.self, text).a == nil)
            #expect(try faults(Text.self, text) == [.required])
            #expect(try faults(Just<Int>.self, text) == [.required])
            #expect(try faults(Just<Date>.self, text) == [.required])
            #expect(try faults(Just<Plan>.self, text) == [.required])
        }
    }

    @Test func `an array has all texts, one or many or none`() throws {
        #expect(try decode(Just<[String]>.self, "").a == [])
        #expect(try decode(Just<[String]>.self, "a=x").a == ["x"])
        #expect(try decode(Just<[String]>.self, "a=x&b=&a=y&a=").a == ["x", "y"])
        #expect(try decode(Just<[String]>.self, "a[]=x&a=y&a[]=z").a == ["x", "y", "z"])
        #expect(try decode(Just<[String?]>.self, "a=x&a=&a=y").a == ["x", nil, "y"])
        #expect(try decode(Just<[Int]>.self, "a=1&a=2").a == [1, 2])
        #expect(try decode(Just<[Int?]>.self, "a=1&a=").a == [1, nil])
        #expect(try decode(Just<Set<Int>>.self, "a=1&a=2&a=1").a == [1, 2])
        #expect(try decode(Maybe<[Int]>.self, "").a == nil)
        #expect(try decode(Just<[Plan]>.self, "a=paid&a=free").a == [.paid, .free])
        #expect(try decode(Just<[String]>.self, "a[1]=y&a[0]=x").a == ["x", "y"])
        #expect(try faults(Just<[Int]>.self, "a=1&a=x&a=y") == [.wholeNumber])
        #expect(try faults(Just<[Plan]>.self, "a=x&a=free&a=y") == [.choice])
    }

    @Test func `a box that is not ticked is false`() throws {
        for text in ["", "a=", "a=off", "a=false", "a=0", "a=1&a=0", "a=no"] {
            #expect(try decode(Just<Bool>.self, text).a == false, "\(text)")
        }
        for text in ["a=on", "a=true", "a=1", "a=0&a=1", "a=ON", "a=yes"] {
            #expect(try decode(Just<Bool>.self, text).a == true, "\(text)")
        }
        #expect(try decode(Maybe<Bool>.self, "").a == nil)
        #expect(try decode(Maybe<Bool>.self, "a=0").a == false)
        #expect(try faults(Just<Bool>.self, "a=maybe") == [.choice])
    }

    @Test func `an enum is one of its values`() throws {
        #expect(try decode(Just<Plan>.self, "a=paid").a == .paid)
        #expect(try decode(Just<Level>.self, "a=2").a == .high)
        #expect(try faults(Just<Plan>.self, "a=Paid") == [.choice])
        for text in ["a=3", "a=high", "a=99999999999999999999"] {
            #expect(try faults(Just<Level>.self, text) == [.choice])
        }
    }

    struct Address: Decodable, Equatable {
        var street: String
        var city: String?
    }

    struct Order: Decodable, Equatable {
        struct Item: Decodable, Equatable {
            var name: String
            var count: Int
            var notes: [String]
        }

        var address: Address
        var second: Address?
        var items: [Item]
    }

    @Test func `members and rows are found by their names`() throws {
        let order = try decode(
            Order.self,
            "items[10].count=3&address.street=A&items[2].name=x&items[2].count=1&items[10].name=y&items[2].notes=n"
                + "&items[2].notes=m&second.street=+&second.city=&items[7].name=&items[7].count=+")
        #expect(
            order
                == Order(
                    address: Address(street: "A"), second: nil,
                    items: [
                        .init(name: "x", count: 1, notes: ["n", "m"]), .init(name: "y", count: 3, notes: []),
                    ]))
        let error = #expect(throws: FormErrors.self) {
            try decode(Order.self, "second.city=B&items[4].count=x")
        }
        #expect(error?.fields == ["address.street", "second.street", "items[4].name", "items[4].count"])
    }

    @Test func `names that are no paths mean nothing`() throws {
        // Names that look like rows make none, and no index makes a large array (N3).
        for name in [
            "items[-1].name", "items[01].name", "items[+1].name", "items[1 ].name", "items[x].name", "items[1.name",
            "items[1]name", "items[9999999999].name", "items[99999999999999999999].name", "items[0x1].name",
            "items].name", "[0].name", "items[].name", "address[street]", "address..street",
            ".address.street", "Items[0].name",
        ] {
            let text = "address.street=A&\(name)=x"
            #expect(try decode(Order.self, text).items == [], "\(name)")
        }
        #expect(try decode(Just<[Int]>.self, "a[999999999]=1&a[0]=2").a == [2, 1])
    }

    @Test func `a dictionary has the members that were sent`() throws {
        #expect(try decode(Just<[String: Int]>.self, "a.x=1&a.y=2&a.x=3&ab=4&a[0]=5").a == ["x": 3, "y": 2])
        #expect(try decode([String: String].self, "b=1&a=2") == ["a": "2", "b": "1"])
    }

    @Test func `names that differ in their bytes are different names`() throws {
        #expect(try faults(Just<String>.self, "%C3%A1=1") == [.required])
        struct Accent: Decodable { var é: String? }
        #expect(try decode(Accent.self, "e%CC%81=1").é == nil)
        #expect(try decode(Accent.self, "%C3%A9=1").é == "1")
    }

    final class Chain: Decodable {
        var name: String?
        var next: Chain?
        var all: [Chain]
    }

    @Test func `a type that contains itself ends at a depth`() throws {
        // Depth comes from a type and a name together, and ends for both (N3).
        func chain(_ depth: Int, _ step: String) -> String {
            String(repeating: step, count: depth) + "name=x"
        }
        #expect(try decode(Chain.self, chain(15, "next.")).next != nil)
        for step in ["next.", "all[0]."] {
            #expect(throws: FormError(.tooDeep(limit: 16))) { try decode(Chain.self, chain(100, step)) }
        }
        // A type that asks for none of it does not look.
        #expect(try decode(Maybe<String>.self, chain(150, "next.")).a == nil)
    }

    /// An array of itself, with nothing between that a name would have to say.
    struct Nest: Decodable, Equatable {
        var nests: [Nest]

        init(from decoder: any Decoder) throws { nests = try [Nest](from: decoder) }
    }

    @Test func `a type that is an array of itself ends at a depth, too`() throws {
        #expect(throws: FormError(.tooDeep(limit: 16))) { try decode(Just<Nest>.self, "a=1") }
    }

    struct Shelf: Decodable {
        struct Box: Decodable {
            struct Thing: Decodable { var labels: [String] }
            var things: [Thing]
        }

        var boxes: [Box]
    }

    @Test func `texts that share a name have nothing below them`() throws {
        // Read again for each, 900 short fields would be 15 million texts (N3).
        let names = ["boxes", "boxes.things", "boxes.things.labels"]
        let text = names.map { String(repeating: "\($0)=x&", count: 300) }.joined()
        let start = ContinuousClock.now
        #expect(try faults(Shelf.self, text, "boxes") == [.invalid])
        #expect(.now - start < .seconds(5))
    }

    struct Plate: Decodable, Equatable {
        var text: String

        init(from decoder: any Decoder) throws {
            text = try decoder.singleValueContainer().decode(String.self)
            if !text.contains("-") { throw "This is no number plate." as FormFault }
        }
    }

    @Test func `a type of one's own says its own fault`() throws {
        #expect(try decode(Just<Plate>.self, "a=b-1").a.text == "b-1")
        #expect(try faults(Just<Plate>.self, "a=b1") == [.message("This is no number plate.")])
        #expect(try faults(Just<Plate>.self, "a=") == [.required])
    }
}
