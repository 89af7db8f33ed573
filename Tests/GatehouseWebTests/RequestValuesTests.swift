import GatehouseWeb
import Testing

struct RequestValuesTests {
    private enum Colour: RequestValueKey { typealias Value = String }
    private enum Size: RequestValueKey { typealias Value = Int }

    @Test func `each key has a value of its own`() {
        let values = RequestValues()
        values[Colour.self] = "green"
        values[Size.self] = 3
        #expect(values[Colour.self] == "green")
        values[Colour.self] = nil
        #expect(values[Colour.self] == nil)
        #expect(values[Size.self] == 3)
    }
}
