import GatehouseSystem
import Testing

struct CalendarDayTests {
    @Test(arguments: [
        (0, 1970, 1, 1), (-1, 1969, 12, 31), (11_016, 2000, 2, 29), (-25_509, 1900, 2, 28), (-25_508, 1900, 3, 1),
        (-719_162, 1, 1, 1), (-719_163, 0, 12, 31), (-719_469, 0, 2, 29), (-865_566, -400, 2, 29),
        (2_932_896, 9999, 12, 31), (20_786, 2026, 11, 29),
    ])
    func `a day has its date, and a date its day`(days: Int, year: Int, month: Int, day: Int) {
        let found = CalendarDay(daysSince1970: days)
        #expect((found.year, found.month, found.day) == (year, month, day))
        #expect(CalendarDay.daysSince1970(year, month, day) == days)
    }

    @Test func `days follow each other through four hundred years`() {
        var days = CalendarDay.daysSince1970(1899, 1, 1)
        for year in 1899...2301 {
            for month in 1...12 {
                for day in 1...CalendarDay.days(ofMonth: month, year) {
                    let found = CalendarDay(daysSince1970: days)
                    #expect((found.year, found.month, found.day) == (year, month, day))
                    days += 1
                }
            }
        }
    }
}
