import FoundationEssentials
import GatehouseDatabase
import Testing

/// Numbers are exact or errors (row F1).
struct NumberTests {
    @Test func `whole numbers that do not fit are errors, behaviour 20`() throws {
        #expect(try TestValue("10000").read(Int.self) == 10_000)
        #expect(try TestValue("-9223372036854775808").read(Int64.self) == .min)
        #expect(try TestValue("9223372036854775807").read(Int.self) == .max)
        #expect(try TestValue("18446744073709551615").read(UInt64.self) == .max)
        #expect(try TestValue("-128").read(Int8.self) == -128)
        #expect(TestValue("9223372036854775808").refusal(Int.self) == "is a number that Int does not have")
        #expect(TestValue("-9223372036854775809").refusal(Int.self) == "is a number that Int does not have")
        #expect(TestValue("-18446744073709551615").refusal(Int64.self) == "is a number that Int64 does not have")
        #expect(TestValue("18446744073709551616").refusal(UInt64.self) == "is a number that UInt64 does not have")
        #expect(TestValue("128").refusal(Int8.self) == "is a number that Int8 does not have")
        #expect(TestValue("-1").refusal(UInt.self) == "is a number that UInt does not have")
        #expect(TestValue.integer(300).refusal(UInt8.self) == "is a number that UInt8 does not have")
        #expect(TestValue.unsigned(.max).refusal(Int.self) == "is a number that Int does not have")
        #expect(try TestValue.unsigned(.max).read(UInt64.self) == .max)
    }

    @Test(arguments: ["", "-", "+1", " 1", "1 ", "1x", "1.", "1.5", ".0", "0x1", "1e3", "NaN", "--1", "1.0e0"])
    func `no whole number`(text: String) {
        #expect(TestValue.text(text).refusal(Int.self) == "is no whole number")
    }

    @Test func `a whole number comes from a decimal without a fraction and from an exact floating-point number`() throws
    {
        #expect(try TestValue("12.000").read(Int.self) == 12)
        #expect(try TestValue.real(-3).read(Int.self) == -3)
        #expect(try TestValue.real(9_007_199_254_740_992).read(Int.self) == 9_007_199_254_740_992)
        for value in [0.5, .nan, .infinity, 1e300, 9_007_199_254_740_994] {
            #expect(TestValue.real(value).refusal(Int.self) == "is a floating-point number, and no whole one")
        }
        #expect(TestValue.null.refusal(Int.self) == "is NULL")
        #expect(TestValue.bytes([49]).refusal(Int.self) == "is bytes, and no whole number")
    }

    @Test func `truth values are two`() throws {
        for value: TestValue in ["t", "true", "1", 1, .unsigned(1), .bytes([1])] { #expect(try value.read(Bool.self)) }
        for value: TestValue in ["f", "false", "0", 0, .bytes([0])] { #expect(try !value.read(Bool.self)) }
        for value: TestValue in ["T", "yes", "", 2, -1, 1.0, .bytes([2]), .bytes([])] {
            #expect(value.refusal(Bool.self) == "is neither true nor false")
        }
    }

    @Test func `a decimal is exact to 38 digits, behaviour 20`() throws {
        let digits = "12345678901234567890123456789012345678"
        #expect(try TestValue.text(digits).read(Decimal.self).description == digits)
        #expect(try TestValue.text("-0.\(digits)").read(Decimal.self).description == "-0.\(digits)")
        #expect(try TestValue("0.10").read(Decimal.self) == Decimal(sign: .plus, exponent: -1, significand: 1))
        #expect(try TestValue("1e+20").read(Decimal.self) == Decimal(string: "100000000000000000000"))
        #expect(try TestValue.text("\(digits)00000").read(Decimal.self) == Decimal(string: "\(digits)e5"))
        #expect(try TestValue("-0.00").read(Decimal.self) == 0)
        #expect(TestValue.text("\(digits)9").refusal(Decimal.self) == "has more than the 38 digits of a Decimal")
        #expect(TestValue("1e-129").refusal(Decimal.self) == "is a number that Decimal does not have")
        #expect(TestValue("1e999999999999999999999").refusal(Decimal.self) == "is a number that Decimal does not have")
        for special in ["NaN", "Infinity", "-Infinity"] {
            #expect(TestValue.text(special).refusal(Decimal.self) == "is not finite, which a Decimal must be")
        }
        for text in ["", "-", ".", "1.2.3", "1e", "1e+", "1,5", "0x10", "nan", "1 "] {
            #expect(TestValue.text(text).refusal(Decimal.self) == "is no number")
        }
    }

    @Test func `SQLite's floating-point numbers are decimals as far as it keeps them`() throws {
        #expect(try TestValue.real(12.1).read(Decimal.self, .sqlite).description == "12.1")
        #expect(try TestValue.real(-1e15).read(Decimal.self, .sqlite).description == "-1000000000000000")
        let reason = "is a floating-point number, and no exact decimal one"
        #expect(TestValue.real(0.1 + 0.2).refusal(Decimal.self, .sqlite) == reason)
        #expect(TestValue.real(.nan).refusal(Decimal.self, .sqlite) == reason)
    }

    @Test func `a decimal is a Double only if that holds all its digits, behaviour 20`() throws {
        #expect(try TestValue("0.1").read(Double.self) == 0.1)
        #expect(try TestValue("-12.50").read(Double.self) == -12.5)
        #expect(try TestValue("0.30000000000000004").read(Double.self) == 0.1 + 0.2)
        #expect(try TestValue("1.7976931348623157e+308").read(Double.self) == .greatestFiniteMagnitude)
        #expect(try TestValue("5e-324").read(Double.self) == .leastNonzeroMagnitude)
        #expect(try TestValue("NaN").read(Double.self).isNaN)
        #expect(try TestValue("-Infinity").read(Double.self) == -.infinity)
        #expect(try TestValue("-0").read(Double.self).sign == .minus)
        #expect(try TestValue.integer(1 << 53).read(Double.self) == 9_007_199_254_740_992)
        for text in ["0.1234567890123456789", "123456789012345678", "1e400", "1e-400", "0.30000000000000001"] {
            #expect(
                TestValue.text(text).refusal(Double.self) == "has more digits than a floating-point number holds",
                "\(text)")
        }
        #expect(TestValue.integer(1 << 53 + 1).refusal(Double.self) != nil)
        for text in ["", "inf", "0x1p3", "infinity", "1_000", "nan"] {
            #expect(TestValue.text(text).refusal(Double.self) == "is no number")
        }
    }

    @Test func `a Float is bound in its shortest form and read as the nearest`() throws {
        #expect((0.1 as Float).sqlValue == .real(0.1))
        #expect(try TestValue("0.1").read(Float.self) == 0.1)
        #expect(try TestValue.real(0.1).read(Float.self) == 0.1)
        #expect(TestValue("1e39").refusal(Float.self) == "is a number that Float does not have")
        #expect(try TestValue("Infinity").read(Float.self) == .infinity)
    }
}
