//! Drawings with two logarithmic axes, as SVG.

use std::fmt::Write;

/// A drawing.
pub(super) struct Plot {
    pub(super) title: String,
    pub(super) x_label: String,
    pub(super) y_label: String,
    /// Where the horizontal axis is labelled.
    pub(super) x_ticks: Vec<f64>,
    pub(super) series: Vec<Series>,
}

/// A line of the drawing.
pub(super) struct Series {
    pub(super) name: String,
    pub(super) colour: &'static str,
    pub(super) dashed: bool,
    /// x, then y: lower end of the spread, middle, upper end.
    pub(super) points: Vec<(f64, [f64; 3])>,
}

const WIDTH: f64 = 820.0;
const HEIGHT: f64 = 480.0;
const LEFT: f64 = 80.0;
const RIGHT: f64 = 590.0;
const TOP: f64 = 48.0;
const BOTTOM: f64 = 420.0;

impl Plot {
    /// The SVG document; nothing that is not positive can be drawn.
    pub(super) fn svg(&self) -> String {
        let points = || self.series.iter().flat_map(|series| &series.points);
        let (x_low, x_high) = ends(points().map(|point| point.0).chain(self.x_ticks.iter().copied()));
        let (y_low, y_high) = ends(points().flat_map(|point| point.1));
        let (y_low, y_high) = (decade_below(y_low), -decade_below(-y_high));
        let x = |value: f64| LEFT + (RIGHT - LEFT) * (0.03 + 0.94 * share(value.log10(), x_low, x_high));
        let y = |value: f64| BOTTOM - (BOTTOM - TOP) * share(value.log10(), y_low, y_high);
        let mut out = String::new();
        self.frame(&mut out, &x, &y, y_low, y_high);
        for (at, series) in self.series.iter().enumerate() {
            series.draw(&mut out, &x, &y, TOP + 14.0 + 20.0 * at as f64);
        }
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{HEIGHT}\" \
             viewBox=\"0 0 {WIDTH} {HEIGHT}\" font-family=\"sans-serif\" font-size=\"13\">\n\
             <rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"white\"/>\n{out}</svg>\n"
        )
    }

    fn frame(
        &self,
        out: &mut String,
        x: &impl Fn(f64) -> f64,
        y: &impl Fn(f64) -> f64,
        y_low: f64,
        y_high: f64,
    ) {
        text(out, LEFT, 24.0, "start", 16, &self.title);
        let middle = (LEFT + RIGHT) / 2.0;
        text(out, middle, BOTTOM + 44.0, "middle", 13, &self.x_label);
        let (label_x, label_y) = (22.0, (TOP + BOTTOM) / 2.0);
        push(
            out,
            format_args!(
                "<text x=\"{label_x}\" y=\"{label_y}\" text-anchor=\"middle\" \
                 transform=\"rotate(-90 {label_x} {label_y})\">{}</text>\n",
                escape(&self.y_label)
            ),
        );
        for decade in y_low as i32..=y_high as i32 {
            let at = y(10f64.powi(decade));
            line(out, LEFT, at, RIGHT, at, "#cccccc");
            text(out, LEFT - 8.0, at + 4.0, "end", 13, &plain(10f64.powi(decade)));
        }
        for &tick in &self.x_ticks {
            line(out, x(tick), BOTTOM, x(tick), BOTTOM + 5.0, "#333333");
            text(out, x(tick), BOTTOM + 20.0, "middle", 13, &plain(tick));
        }
        let (width, height) = (RIGHT - LEFT, BOTTOM - TOP);
        push(
            out,
            format_args!(
                "<rect x=\"{LEFT}\" y=\"{TOP}\" width=\"{width}\" height=\"{height}\" fill=\"none\" \
                 stroke=\"#333333\"/>\n"
            ),
        );
    }
}

impl Series {
    fn draw(&self, out: &mut String, x: &impl Fn(f64) -> f64, y: &impl Fn(f64) -> f64, legend: f64) {
        let dashes = if self.dashed { " stroke-dasharray=\"6 4\"" } else { "" };
        let stroke = format!("fill=\"none\" stroke=\"{}\" stroke-width=\"2\"{dashes}", self.colour);
        let mut path = String::new();
        for (at, (value, [low, middle, high])) in self.points.iter().enumerate() {
            let letter = if at == 0 { 'M' } else { 'L' };
            push(&mut path, format_args!("{letter}{:.1} {:.1} ", x(*value), y(*middle)));
            line(out, x(*value), y(*low), x(*value), y(*high), self.colour);
            push(
                out,
                format_args!(
                    "<circle cx=\"{:.1}\" cy=\"{:.1}\" r=\"3\" fill=\"{}\"/>\n",
                    x(*value),
                    y(*middle),
                    self.colour
                ),
            );
        }
        push(out, format_args!("<path d=\"{}\" {stroke}/>\n", path.trim_end()));
        let (start, end) = (RIGHT + 14.0, RIGHT + 44.0);
        push(out, format_args!("<path d=\"M{start} {legend} L{end} {legend}\" {stroke}/>\n"));
        text(out, RIGHT + 52.0, legend + 4.0, "start", 13, &self.name);
    }
}

/// The ends of what is drawn, as decimal logarithms.
fn ends(values: impl Iterator<Item = f64>) -> (f64, f64) {
    values
        .filter(|value| *value > 0.0)
        .map(f64::log10)
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)))
}

/// Down to a whole decade, unless it is one but for rounding.
fn decade_below(exponent: f64) -> f64 {
    (exponent + 1e-9).floor()
}

fn share(value: f64, low: f64, high: f64) -> f64 {
    if high > low { (value - low) / (high - low) } else { 0.5 }
}

/// A number without an exponent.
fn plain(value: f64) -> String {
    let digits = if value < 1.0 { (-value.log10()).ceil().max(0.0) as usize } else { 0 };
    format!("{value:.digits$}")
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn push(out: &mut String, words: std::fmt::Arguments<'_>) {
    out.write_fmt(words).expect("a string takes everything");
}

fn text(out: &mut String, x: f64, y: f64, anchor: &str, size: u32, words: &str) {
    push(
        out,
        format_args!(
            "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\" font-size=\"{size}\">{}</text>\n",
            escape(words)
        ),
    );
}

fn line(out: &mut String, x1: f64, y1: f64, x2: f64, y2: f64, colour: &str) {
    push(
        out,
        format_args!(
            "<line x1=\"{x1:.1}\" y1=\"{y1:.1}\" x2=\"{x2:.1}\" y2=\"{y2:.1}\" stroke=\"{colour}\"/>\n"
        ),
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_point_lies_inside_the_frame() {
        let points = vec![(4.0, [0.5, 0.7, 1.0]), (32.0, [10.0, 20.0, 100.0])];
        let series = Series { name: "a < b".into(), colour: "#123456", dashed: true, points };
        let plot = Plot {
            title: "t".into(),
            x_label: "x".into(),
            y_label: "y".into(),
            x_ticks: vec![4.0, 32.0],
            series: vec![series],
        };
        let svg = plot.svg();
        let numbers = |name: &str| -> Vec<f64> {
            svg.split(&format!("{name}=\""))
                .skip(1)
                .map(|rest| rest.split('"').next().unwrap().parse().unwrap())
                .collect()
        };
        assert_eq!(numbers("cx").len(), 2);
        assert!(numbers("cx").iter().all(|x| (LEFT..=RIGHT).contains(x)));
        assert!(numbers("cy").iter().all(|y| (TOP..=BOTTOM).contains(y)));
        assert!(svg.contains("a &lt; b") && svg.contains(">0.1<") && svg.contains(">100<"));
    }

    #[test]
    fn numbers_are_written_plainly() {
        assert_eq!([0.01, 0.1, 1.0, 1000.0].map(plain), ["0.01", "0.1", "1", "1000"]);
    }
}
