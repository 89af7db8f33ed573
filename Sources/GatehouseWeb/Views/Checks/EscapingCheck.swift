/// Checks the place of every value in HTML: escaping makes a value harmless in text and in quotes, and nowhere else.
///
/// It goes through each template as it is written, with the partials and the blocks where they are put, and with all
/// places in HTML that there can be (a section may be left out). Raw values (`{{{…}}}`) are the author's own affair.
struct EscapingCheck {
    /// The most places that are followed at a time, and the most partials and blocks that are gone through.
    private static let (mostPlaces, mostVisits) = (64, 50_000)

    private typealias Places = Set<HTMLPlace>

    private let set: TemplateSet
    private var found: [String: ViewProblem] = [:]
    /// The places after a template that was entered at some places with some blocks.
    private var known: [Visit: Places] = [:]
    private var visits = 0

    private struct Visit: Hashable {
        let body: ObjectIdentifier
        let places: Places
        let blocks: [String: ObjectIdentifier]
    }

    private struct Scope {
        let template: Template
        var blocks: [String: (block: BlockNode, template: Template)] = [:]
    }

    static func problems(of set: TemplateSet) -> [ViewProblem] {
        var check = EscapingCheck(set: set)
        for template in set.templates.values where template.kind == .html {
            _ = check.enter(template, template.body, [HTMLPlace()], Scope(template: template))
        }
        return Array(check.found.values)
    }

    private init(set: TemplateSet) { self.set = set }

    /// Goes through a template's or a block's content, unless that has been done for the same case.
    private mutating func enter(
        _ owner: AnyObject, _ body: TemplateBody, _ places: Places, _ scope: Scope
    ) -> Places {
        let visit = Visit(
            body: ObjectIdentifier(owner), places: places, blocks: scope.blocks.mapValues { ObjectIdentifier($0.block) }
        )
        if let after = known[visit] { return after }
        visits += 1
        guard visits <= Self.mostVisits else {
            report(scope.template, 0, "this is included in so many ways that its escaping cannot be checked")
            return places
        }
        // A template that includes itself is taken to end where it begins.
        known[visit] = places
        let after = follow(body, places, scope)
        known[visit] = after
        return after
    }

    private mutating func follow(_ body: TemplateBody, _ places: Places, _ scope: Scope) -> Places {
        var places = places
        for node in body.nodes {
            switch node {
            case .text(let text): places = Set(places.map { place in text.bytes.reduce(into: place) { $0.read($1) } })
            case .value(let value): look(at: value, places, scope.template)
            case .section(let section): places = follow(section, places, scope)
            case .block(let block):
                if let (replacement, template) = scope.blocks[block.name], replacement !== block {
                    let inner = Scope(template: template, blocks: scope.blocks)
                    places = enter(replacement, replacement.movableBody, places, inner)
                } else {
                    places = follow(block.body, places, scope)
                }
            case .partial(let partial):
                guard case .fixed(let name) = partial.name, let target = set[name] else {
                    if scope.template.kind == .html && places.contains(where: { $0.kind != .text }) {
                        report(
                            scope.template, partial.offset, "a partial whose name is data stands between elements only")
                    }
                    continue
                }
                var inner = Scope(template: target, blocks: scope.blocks)
                for (name, block) in partial.blocks where inner.blocks[name] == nil {
                    inner.blocks[name] = (block, scope.template)
                }
                places = enter(target, target.body, places, inner)
            }
        }
        return places
    }

    /// A section is left out, or written once or several times.
    private mutating func follow(_ section: SectionNode, _ places: Places, _ scope: Scope) -> Places {
        var all = places
        while true {
            let before = all.count
            all.formUnion(follow(section.body, all, scope))
            if all.count == before || section.isInverted { return all }
            guard all.count <= Self.mostPlaces else {
                report(scope.template, section.offset, "the section leaves open in which element or attribute it ends")
                return places
            }
        }
    }

    private mutating func look(at value: ValueNode, _ places: Places, _ template: Template) {
        guard !value.isRaw, template.kind == .html else { return }
        for place in places {
            let use: ValueNode.Use
            switch Self.use(of: value, at: place) {
            case .success(let found): use = found
            case .failure(let refusal): return report(template, value.offset, refusal.message)
            }
            guard value.use == nil || value.use == use || Self.areAddresses(value.use, use) else {
                return report(
                    template, value.offset,
                    "this value is used in a script and outside of it, or in an address and "
                        + "outside of it: make two templates of this one")
            }
            if value.use != .address { value.use = use }
        }
    }

    /// Whether both uses are in an attribute's value, at its beginning or further on.
    private static func areAddresses(_ one: ValueNode.Use?, _ other: ValueNode.Use) -> Bool {
        [.address, .addressPart].contains(one) && [.address, .addressPart].contains(other)
    }

    private static func use(of value: ValueNode, at place: HTMLPlace) -> Result<ValueNode.Use, Refusal> {
        let isJSON = if case .call(let call) = value.expression { call.name == "json" } else { false }
        switch place.kind {
        case .text, .comment: return .success(.plain)
        case .doubleQuoted, .singleQuoted:
            switch place.attribute {
            case .plain: return .success(.plain)
            case .address: return .success(place.isValueStart ? .address : .addressPart)
            case .code: return refuse("an attribute whose value is a script: put the value into a data-… attribute")
            case .style: return refuse("a style: put a class there that a section chooses")
            case .document: return refuse("an attribute whose value is a document")
            }
        case .beforeValue, .unquoted: return refuse("an attribute without quotes: write name=\"{{…}}\"")
        case .raw where ["title", "textarea"].contains(place.elementName): return .success(.plain)
        case .raw where place.elementName == "script":
            if isJSON && place.script.isCode { return .success(.script) }
            return refuse(
                isJSON
                    ? "a script, but in a string or comment of it: json() brings its own quotes"
                    : "a script: write {{json(…)}}, which is a value of the script's language")
        case .raw: return refuse("<\(place.elementName)>")
        case .tagOpen, .tagName, .tag, .attributeName, .afterAttributeName, .declaration:
            return refuse("the place of a tag's or an attribute's name: let a section choose it")
        }
    }

    private struct Refusal: Error { let message: String }

    private static func refuse(_ place: String) -> Result<ValueNode.Use, Refusal> {
        .failure(Refusal(message: "escaping does not make a value harmless here: this is \(place)"))
    }

    private mutating func report(_ template: Template, _ offset: Int, _ message: String) {
        let problem = template.problem(at: offset, message)
        found[problem.description] = problem
    }
}
