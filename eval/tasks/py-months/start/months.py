from datetime import date


def add_months(day, count):
    month = day.month + count
    return date(day.year + month // 12, month % 12, day.day)
