//! Line charts as SVG, without a library.

use std::fmt::Write as _;

use crate::statistics::{mean, quartiles};

/// A line with an optional band around it, over x = 1, 2, ...
pub(crate) struct Line {
    pub(crate) label: String,
    pub(crate) middle: Vec<f64>,
    pub(crate) band: Option<(Vec<f64>, Vec<f64>)>,
}

impl Line {
    /// Means of the values of every query.
    pub(crate) fn of_means(label: &str, queries: &[Vec<f64>]) -> Self {
        let middle = queries.iter().map(|values| mean(values)).collect();
        Self { label: label.into(), middle, band: None }
    }

    /// Medians of the values of every query; the quartiles too unless many bands would hide each other:
    /// then it is the first line's alone.
    pub(crate) fn of_quartiles(label: &str, queries: &[Vec<f64>], at: usize, lines: usize) -> Self {
        let all: Vec<_> = queries.iter().map(|values| quartiles(values)).collect();
        let quartile = |k: usize| all.iter().map(|quartiles| quartiles[k]).collect();
        let band = (at == 0 || lines <= MOST_BANDS).then(|| (quartile(0), quartile(2)));
        Self { label: label.into(), middle: quartile(1), band }
    }
}

/// Bands that can be told apart.
const MOST_BANDS: usize = 5;

/// One chart with a logarithmic vertical axis.
pub(crate) struct Chart {
    pub(crate) title: String,
    pub(crate) vertical: String,
    /// Everything below is drawn here; if it stands for 0, that is what its tick says.
    pub(crate) floor: f64,
    pub(crate) floor_is_zero: bool,
    pub(crate) lines: Vec<Line>,
}

const WIDTH: f64 = 460.0;
const HEIGHT: f64 = 300.0;
const LEFT: f64 = 62.0;
const TOP: f64 = 56.0;
const BOTTOM: f64 = 42.0;
/// Colours that people with colour blindness can tell apart (Okabe and Ito), then dashed again.
const COLOURS: [&str; 7] = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000"];

/// Charts side by side under one heading and over one legend, from query `first` on.
pub(crate) fn draw(heading: &str, charts: &[Chart], first: usize) -> String {
    let labels: Vec<&str> =
        charts.first().map_or(vec![], |chart| chart.lines.iter().map(|l| l.label.as_str()).collect());
    let columns = 2usize;
    let legend = labels.len().div_ceil(columns) as f64 * 18.0 + 12.0;
    let width = (LEFT + WIDTH + 24.0) * charts.len() as f64;
    let height = TOP + HEIGHT + BOTTOM + legend;
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" \
         font-family=\"sans-serif\" font-size=\"12\">\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n\
         <text x=\"{LEFT}\" y=\"18\" font-size=\"13\" font-weight=\"bold\">{}</text>\n",
        escape(heading)
    );
    for (at, chart) in charts.iter().enumerate() {
        panel(&mut text, chart, LEFT + at as f64 * (LEFT + WIDTH + 24.0), first);
    }
    for (at, label) in labels.iter().enumerate() {
        let x = LEFT + (at % columns) as f64 * width / columns as f64;
        let y = TOP + HEIGHT + BOTTOM + 14.0 + (at / columns) as f64 * 18.0;
        let style = stroke(at);
        writeln!(
            text,
            "<path d=\"M{x} {:.1}h26\" {style}/><text x=\"{}\" y=\"{y}\">{}</text>",
            y - 4.0,
            x + 32.0,
            escape(label)
        )
        .expect("memory does not fail");
    }
    text + "</svg>\n"
}

fn stroke(at: usize) -> String {
    let dash = match at / COLOURS.len() {
        0 => String::new(),
        round => format!(" stroke-dasharray=\"{} 3\"", 9 / round),
    };
    format!("fill=\"none\" stroke-width=\"1.8\" stroke=\"{}\"{dash}", COLOURS[at % COLOURS.len()])
}

fn panel(text: &mut String, chart: &Chart, left: f64, first: usize) {
    let last = chart.lines.iter().map(|line| line.middle.len()).max().unwrap_or(1).max(first + 1);
    let all = chart.lines.iter().flat_map(|line| {
        let band = line
            .band
            .iter()
            .flat_map(|(low, high)| low.iter().skip(first - 1).chain(high.iter().skip(first - 1)));
        line.middle.iter().skip(first - 1).chain(band)
    });
    let top = all.copied().filter(|v| v.is_finite()).fold(chart.floor * 10.0, f64::max) * 1.1;
    let (low, high) = (chart.floor.ln(), top.ln());
    let x = |query: f64| left + WIDTH * (query - first as f64) / (last - first) as f64;
    let y =
        |value: f64| TOP + HEIGHT * (1.0 - (value.clamp(chart.floor, top).ln() - low) / (high - low));
    let mut put = |piece: String| {
        *text += &piece;
        text.push('\n');
    };
    put(format!(
        "<text x=\"{left}\" y=\"{}\" font-size=\"13\">{}</text>",
        TOP - 14.0,
        escape(&chart.title)
    ));
    put(format!(
        "<text transform=\"translate({} {}) rotate(-90)\" text-anchor=\"middle\">{}</text>",
        left - 48.0,
        TOP + HEIGHT / 2.0,
        escape(&chart.vertical)
    ));
    let bottom = TOP + HEIGHT;
    put(format!(
        "<text x=\"{}\" y=\"{}\" text-anchor=\"middle\">queries</text>",
        left + WIDTH / 2.0,
        bottom + 34.0
    ));
    for tick in ticks(chart.floor, top) {
        let at = y(tick);
        put(format!("<path d=\"M{left} {at:.1}h{WIDTH}\" stroke=\"#ddd\"/>"));
        let label = if chart.floor_is_zero && tick == chart.floor { "0".into() } else { plain(tick) };
        put(format!(
            "<text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{label}</text>",
            left - 5.0,
            at + 4.0
        ));
    }
    let step = [5, 10, 20, 50, 100].into_iter().find(|step| (last - first) / step <= 10).unwrap_or(200);
    for query in (first..=last).filter(|query| query % step == 0) {
        let at = x(query as f64);
        put(format!("<path d=\"M{at:.1} {TOP}v{HEIGHT}\" stroke=\"#eee\"/>"));
        put(format!(
            "<text x=\"{at:.1}\" y=\"{}\" text-anchor=\"middle\">{query}</text>",
            bottom + 16.0
        ));
    }
    put(format!("<path d=\"M{left} {TOP}v{HEIGHT}h{WIDTH}\" fill=\"none\" stroke=\"#444\"/>"));
    let points = |values: &[f64]| -> Vec<String> {
        let places = values.iter().enumerate().skip(first - 1);
        places.map(|(at, &value)| format!("{:.1} {:.1}", x((at + 1) as f64), y(value))).collect()
    };
    for (at, line) in chart.lines.iter().enumerate() {
        if let Some((low, high)) = &line.band {
            let mut outline = points(low);
            outline.extend(points(high).into_iter().rev());
            let colour = COLOURS[at % COLOURS.len()];
            put(format!(
                "<path d=\"M{}z\" fill=\"{colour}\" fill-opacity=\"0.13\"/>",
                outline.join("L")
            ));
        }
    }
    for (at, line) in chart.lines.iter().enumerate() {
        put(format!("<path d=\"M{}\" {}/>", points(&line.middle).join("L"), stroke(at)));
    }
}

/// Powers of ten and the floor; twice and five times them too if there is room.
fn ticks(floor: f64, top: f64) -> Vec<f64> {
    let decades = (top / floor).log10();
    let factors: &[f64] = if decades < 2.5 { &[1.0, 2.0, 5.0] } else { &[1.0] };
    let mut ticks = vec![floor];
    for power in floor.log10().floor() as i32..=top.log10().ceil() as i32 {
        ticks.extend(factors.iter().map(|factor| factor * 10f64.powi(power)));
    }
    // Not so near to the floor that the labels overlap.
    let near = floor * (top / floor).powf(0.04);
    ticks.retain(|&tick| tick == floor || (tick > near && tick <= top));
    ticks.dedup();
    ticks
}

fn plain(value: f64) -> String {
    let decimals = (-value.log10().floor()).clamp(0.0, 9.0) as usize;
    format!("{value:.decimals$}")
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_do_not_crowd_the_floor() {
        assert_eq!(ticks(1.0, 120.0), [1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0]);
        assert_eq!(ticks(0.009, 1100.0), [0.009, 0.1, 1.0, 10.0, 100.0, 1000.0]);
        assert_eq!(plain(0.05), "0.05");
        assert_eq!(plain(200.0), "200");
    }

    #[test]
    fn a_drawing_has_its_lines_and_is_closed() {
        let line = |label: &str| Line {
            label: label.into(),
            middle: vec![30.0, 20.0, 4.0, 1.0],
            band: Some((vec![10.0, 9.0, 1.0, 1.0], vec![90.0, 80.0, 9.0, f64::INFINITY])),
        };
        let chart = Chart {
            title: "a < b".into(),
            vertical: "rank".into(),
            floor: 1.0,
            floor_is_zero: false,
            lines: vec![line("x & y"), line("z")],
        };
        let text = draw("u > v", &[chart], 1);
        assert!(text.starts_with("<svg") && text.ends_with("</svg>\n"));
        assert!(text.contains("u &gt; v") && text.contains("a &lt; b") && text.contains("x &amp; y"));
        assert!(!text.contains("NaN") && !text.contains("inf"));
        assert_eq!(text.matches("fill-opacity").count(), 2);
    }
}
