import FoundationEssentials
import GatehouseWeb
import Testing

/// Texts that stand for one value.
struct FormScalarTests {
    private func read<Value: Decodable & Equatable>(_ text: String, _ type: Value.Type) throws -> Value {
        var fields = FormFields()
        fields.append("a", text)
        return try fields.decode(FormDecodingTests.Just<Value>.self).a
    }

    private func fault<Value: Decodable & Equatable>(_ text: String, _ type: Value.Type) throws -> FormFault? {
        do {
            _ = try read(text, type)
            return nil
        } catch let errors as FormErrors {
            return errors.faults(of: "a").first
        }
    }

    @Test func `whole numbers are decimal digits within their type`() throws {
        #expect(try read(" 42 ", Int.self) == 42)
        #expect(try read("+7", Int8.self) == 7)
        #expect(try read("-128", Int8.self) == -128)
        #expect(try read("18446744073709551615", UInt64.self) == .max)
        #expect(try read("007", UInt16.self) == 7)
        for text in ["x", "1.0", "1e3", "0x10", "1 000", "1,000", "--1", "+", "-", "٣", "1_0", "½"] {
            #expect(try fault(text, Int.self) == .wholeNumber, "\(text)")
        }
        for text in ["128", "-129", String(repeating: "9", count: 100_000)] {
            #expect(try fault(text, Int8.self) == .outOfRange)
        }
        #expect(try fault("-1", UInt.self) == .outOfRange)
    }

    @Test func `numbers are finite, with a point and in ASCII`() throws {
        #expect(try read("1.5", Double.self) == 1.5)
        #expect(try read("-.5e1", Double.self) == -5)
        #expect(try read("2", Float.self) == 2)
        for text in ["nan", "inf", "-infinity", "0x1p3", "1,5", "1e", "e1", ".", "", "1.2.3", "1e5x", "1 2"]
        where text != "" {
            #expect(try fault(text, Double.self) == .number, "\(text)")
            #expect(try fault(text, Decimal.self) == .number, "\(text)")
        }
        #expect(try fault("1e999", Double.self) == .outOfRange)
        #expect(try fault("1e99", Float.self) == .outOfRange)
    }

    @Test func `decimals are exact or a fault`() throws {
        for text in ["0.1", "-12.50", "99999999999999999999999999999999999999", "1e3", "0.000001", "+3"] {
            #expect(try read(text, Decimal.self) == Decimal(string: text))
        }
        #expect(try fault(String(repeating: "9", count: 39), Decimal.self) == .outOfRange)
        #expect(try fault("1e999", Decimal.self) == .outOfRange)
        #expect(try fault("1e99999999999", Decimal.self) == .number)
    }

    @Test(arguments: [
        ("1970-01-01", 0.0), ("2026-03-31", 1_774_915_200), ("2024-02-29", 1_709_164_800),
        ("0001-01-01", -62_135_596_800),
        ("9999-12-31", 253_402_214_400), ("2026-03", 1_772_323_200), ("2026-03-31T14:30", 1_774_967_400),
        ("2026-03-31 14:30", 1_774_967_400), ("2026-03-31T14:30:15", 1_774_967_415),
        ("2026-03-31T14:30:15.25", 1_774_967_415.25), ("2026-03-31T14:30Z", 1_774_967_400),
        ("2026-03-31T14:30+02:00", 1_774_960_200), ("2026-03-31T14:30-00:30", 1_774_969_200), ("00:00", 0),
        ("14:30", 52_200), ("23:59:59.5", 86_399.5),
    ])
    func `dates and times are read as browsers send them`(_ text: String, _ seconds: Double) throws {
        #expect(try read(text, Date.self).timeIntervalSince1970 == seconds)
    }

    @Test(arguments: [
        "2026-02-29", "1900-02-29", "2026-13-01", "2026-00-01", "2026-04-31", "2026-01-00", "0000-01-01", "2026-1-1",
        "26-01-01", "31.03.2026", "2026-03-31T", "2026-03-31T24:00", "2026-03-31T14:60", "2026-03-31T14:30:60", "14:3",
        "2026-03-31T14:30:15.", "2026-03-31T14:30+2", "2026-03-31x", "tomorrow", "2026-W05", "12:00Z", "-001-01-01",
    ])
    func `dates that do not exist are a fault`(_ text: String) throws {
        #expect(try fault(text, Date.self) == .date)
    }

    @Test func `identifiers and addresses are read, and none that runs a script`() throws {
        let id = UUID()
        #expect(try read(id.uuidString.lowercased(), UUID.self) == id)
        #expect(try fault("1", UUID.self) == .invalid)
        #expect(try read("https://example.org/a?b=c#d", URL.self).absoluteString == "https://example.org/a?b=c#d")
        for text in [
            "javascript:alert(1)", "file:///etc/passwd", "//example.org", "example.org", "https://", "http:/x",
        ] {
            #expect(try fault(text, URL.self) == .url, "\(text)")
        }
    }
}
