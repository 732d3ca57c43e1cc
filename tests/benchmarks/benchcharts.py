# SPDX-License-Identifier: Apache-2.0
"""Draws the pictures: plain SVG that reads well on light and on dark pages."""
import html
import math

FONT = "system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif"
LIGHT = {"page": "#ffffff", "ink": "#1f2328", "quiet": "#59636e", "line": "#d1d9e0",
         "colors": ("#0969da", "#9a6700", "#8250df", "#1a7f37", "#bc4c00", "#bf3989")}
DARK = {"page": "#0d1117", "ink": "#f0f6fc", "quiet": "#9198a1", "line": "#3d444d",
        "colors": ("#4493f8", "#d29922", "#ab7df8", "#3fb950", "#db6d28", "#db61a2")}


def style(colors):
    """What differs between light and dark."""
    rules = [f".page {{ fill: {colors['page']} }}", f"text {{ fill: {colors['ink']} }}",
             f"text.quiet {{ fill: {colors['quiet']} }}", f".line {{ stroke: {colors['line']} }}",
             f".limit {{ stroke: {colors['ink']} }}"]
    for number, color in enumerate(colors["colors"]):
        rules.append(f".f{number} {{ fill: {color} }} .s{number} {{ stroke: {color} }}")
    return "\n".join(rules)


STYLE = f"""
text {{ font-family: {FONT}; font-size: 13px }}
text.title {{ font-size: 17px; font-weight: 600 }}
text.quiet {{ font-size: 12px }}
path {{ fill: none; stroke-width: 1 }}
.curve {{ stroke-width: 2 }}
.limit {{ stroke-dasharray: 2 3 }}
{style(LIGHT)}
@media (prefers-color-scheme: dark) {{
{style(DARK)}
}}
"""

SERVERS = ("wireroom", "naive", "redis", "nats", "mosquitto", "ngircd")
NAMES = {"wireroom": "Wireroom", "naive": "by hand with Qt", "redis": "redis", "nats": "nats-server", "raw": "bare epoll"}


class Drawing:
    """An SVG that is written from top to bottom."""

    def __init__(self, width, title):
        self.width = width
        self.parts = []
        self.title = title

    def text(self, x, y, words, kind="", anchor="start"):
        self.parts.append(f'<text x="{x:.1f}" y="{y:.1f}" class="{kind}" text-anchor="{anchor}">'
                          f"{html.escape(words)}</text>")

    def bar(self, x, y, width, height, color):
        self.parts.append(f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(width, 1):.1f}" height="{height}" rx="2" '
                          f'class="f{color}"/>')

    def line(self, x1, y1, x2, y2, kind="line"):
        self.parts.append(f'<path d="M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}" class="{kind}"/>')

    def curve(self, points, color):
        path = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
        self.parts.append(f'<path d="M{path}" class="curve s{color}"/>')
        for x, y in points:
            self.parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" class="f{color}"/>')

    def legend(self, x, y, entries):
        for name, color in entries:
            self.bar(x, y - 10, 12, 12, color)
            self.text(x + 18, y, name)
            x += 36 + 7.5 * len(name)

    def save(self, path, height):
        body = "\n".join(self.parts)
        path.write_text(
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{self.width}" height="{height}" '
            f'viewBox="0 0 {self.width} {height}" role="img" aria-label="{html.escape(self.title)}">\n'
            f"<style>{STYLE}</style>\n"
            f'<rect width="{self.width}" height="{height}" rx="8" class="page"/>\n{body}\n</svg>\n',
            encoding="utf-8")


def ratios(path, results, about):
    """A bar for each work and server: its throughput in relation to the bare epoll server's."""
    works = [(result.name, {server: result.ratio(result.subject if server == "wireroom" else server, "raw")
                            for server in SERVERS})
             for result in results if result.unit == "/s" and result.figures.get("raw")]
    if not works:
        return False
    shown = [server for server in SERVERS if any(values[server] for _, values in works)]
    color = {server: SERVERS.index(server) for server in shown}
    width, left, right = 860, 270, 60
    # One that is far ahead would make the others small; its bar ends at the edge, its number tells.
    top_ratio = min(2.0, max(1.2, max(value for _, values in works for value in values.values() if value)))
    unit = (width - left - right) / top_ratio
    drawing = Drawing(width, "Throughput in relation to a bare epoll server")
    drawing.text(24, 34, "Throughput in relation to a bare epoll server", "title")
    drawing.text(24, 54, f"Server on one core, load on another; longer is better. {about['processor']}", "quiet")
    drawing.legend(24, 80, [(NAMES.get(server, server), color[server]) for server in shown])
    y = first = 108
    behind = len(drawing.parts)
    for name, values in works:
        bars = [(server, values[server]) for server in shown if values[server]]
        drawing.text(left - 12, y + 6.5 * len(bars) + 4, name, anchor="end")
        for server, value in bars:
            drawing.bar(left, y, min(value, top_ratio) * unit, 11, color[server])
            drawing.text(left + min(value, top_ratio) * unit + 6, y + 10, f"{value:.2f}", "quiet")
            y += 13
        y += 12
    bars, drawing.parts[behind:] = drawing.parts[behind:], []
    for tick in (0, 0.25, 0.5, 0.75, 1):
        drawing.line(left + tick * unit, first - 8, left + tick * unit, y - 6, "limit" if tick == 1 else "line")
        drawing.text(left + tick * unit, y + 10, f"{tick:g}", "quiet", "middle")
    drawing.parts += bars
    drawing.save(path, y + 28)
    return True


def short(value):
    for limit, sign in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= limit:
            return f"{value / limit:g} {sign}"
    return f"{value:g}"


def curves(path, title, remark, panels):
    """Panels side by side, two in a row, both axes logarithmic.

    A panel is (heading, label of x, label of y, ticks of x as (value, text), {name: [(x, y), …]})."""
    width, panel_width, panel_height = 860, 410, 260
    drawing = Drawing(width, title)
    drawing.text(24, 34, title, "title")
    drawing.text(24, 54, remark, "quiet")
    names = list(dict.fromkeys(name for panel in panels for name in panel[4]))
    drawing.legend(24, 80, [(NAMES.get(name, name), number) for number, name in enumerate(names)])
    for number, (heading, x_label, y_label, x_ticks, lines) in enumerate(panels):
        left = 24 + (number % 2) * panel_width + 56
        top = 112 + (number // 2) * (panel_height + 20)
        right, bottom = left + panel_width - 100, top + panel_height - 76
        values = [y for points in lines.values() for _, y in points if y > 0]
        if not values:
            continue
        low = math.floor(math.log10(min(values)))
        high = max(low + 1, math.ceil(math.log10(max(values))))
        x_low, x_high = math.log10(x_ticks[0][0]), math.log10(x_ticks[-1][0])

        def place(x, y):
            return (left + (math.log10(x) - x_low) / (x_high - x_low) * (right - left),
                    bottom - (math.log10(y) - low) / (high - low) * (bottom - top))

        drawing.text(left - 46, top - 2, heading)
        drawing.text(right, top - 2, y_label, "quiet", "end")
        for power in range(low, high + 1):
            _, y = place(x_ticks[0][0], 10.0 ** power)
            drawing.line(left, y + 10, right, y + 10)
            drawing.text(left - 6, y + 14, short(10.0 ** power), "quiet", "end")
        for value, words in x_ticks:
            x, _ = place(value, 10.0 ** low)
            drawing.line(x, bottom + 10, x, bottom + 15)
            drawing.text(x, bottom + 28, words, "quiet", "middle")
        drawing.text((left + right) / 2, bottom + 46, x_label, "quiet", "middle")
        for name, points in lines.items():
            placed = [place(x, y) for x, y in points if y > 0]
            if placed:
                drawing.curve([(x, y + 10) for x, y in placed], names.index(name))
    drawing.save(path, 112 + (len(panels) + 1) // 2 * (panel_height + 20))
