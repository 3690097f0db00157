//! Regret curves as an SVG: the median over the seeds as a line, the quartiles as a band. It has nothing to
//! do with hotnas.

use std::fmt::Write;

pub(crate) struct Chart {
    pub(crate) title: &'static str,
    pub(crate) unit: &'static str,
    /// A name, and the regret after each trial of each seed.
    pub(crate) curves: Vec<(&'static str, Vec<Vec<f64>>)>,
}

const COLOURS: [&str; 4] = ["#1b6ca8", "#888888", "#d1603d", "#4c9f50"];
const LEFT: f64 = 70.0;
const TOP: f64 = 40.0;
const WIDTH: f64 = 600.0;
const HEIGHT: f64 = 320.0;

/// Quartile 1, 2 or 3 over the seeds after each trial: what so many quarters of the seeds do not exceed.
fn quartile(seeds: &[Vec<f64>], quarter: usize) -> Vec<f64> {
    let trials = seeds.first().map_or(0, Vec::len);
    (0..trials)
        .map(|trial| {
            let mut sorted: Vec<f64> = seeds.iter().map(|seed| seed[trial]).collect();
            sorted.sort_by(f64::total_cmp);
            sorted[(sorted.len() - 1) * quarter / 4]
        })
        .collect()
}

impl Chart {
    pub(crate) fn svg(&self) -> String {
        let (seeds, trials) = match self.curves.first().map(|(_, seeds)| seeds.as_slice()) {
            Some(all @ [first, ..]) => (all.len(), first.len()),
            _ => (0, 0),
        };
        // The first trials would hide the rest.
        let visible = self.curves.iter().flat_map(|(_, seeds)| quartile(seeds, 3).into_iter().skip(4));
        let highest = visible.fold(0.0, f64::max);
        // 1, 2 or 5 of some decimal place between two lines, five of them at most.
        let mut tick = 0.001;
        let mut factors = [2.0, 2.5, 2.0].into_iter().cycle();
        while 5.0 * tick < highest {
            tick *= factors.next().unwrap_or(2.0);
        }
        let mut ticks = 1;
        while f64::from(ticks) * tick < highest {
            ticks += 1;
        }
        let highest = f64::from(ticks) * tick;
        let x = |trial: usize| LEFT + WIDTH * trial as f64 / trials as f64;
        let y = |regret: f64| TOP + HEIGHT * (1.0 - regret / highest);
        let points = |line: &[f64], backwards: bool| {
            let point = |(t, &v): (usize, &f64)| format!("{:.1} {:.1} ", x(t + 1), y(v));
            match backwards {
                false => line.iter().enumerate().map(point).collect::<String>(),
                true => line.iter().enumerate().rev().map(point).collect(),
            }
        };

        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"720\" height=\"430\" \
             font-family=\"sans-serif\" font-size=\"13\"><rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n\
             <clipPath id=\"frame\"><rect x=\"{LEFT}\" y=\"{TOP}\" width=\"{WIDTH}\" height=\"{HEIGHT}\"/></clipPath>\n\
             <text x=\"370\" y=\"22\" text-anchor=\"middle\" font-size=\"15\">{}, median and quartiles of {seeds} \
             seed{}</text>\n",
            self.title,
            if seeds == 1 { "" } else { "s" },
        );
        for i in 0..=ticks {
            let value = tick * f64::from(i);
            let height = TOP + HEIGHT - HEIGHT * f64::from(i) / f64::from(ticks);
            let _ = writeln!(
                svg,
                "<path d=\"M{LEFT:.1} {height:.1}h{WIDTH:.1}\" stroke=\"#ddd\"/><text x=\"62\" y=\"{:.1}\" \
                 text-anchor=\"end\">{value:.3}</text>",
                height + 4.0
            );
        }
        for trial in (0..=trials).step_by(10) {
            let _ = writeln!(
                svg,
                "<text x=\"{:.1}\" y=\"378\" text-anchor=\"middle\">{trial}</text>",
                x(trial)
            );
        }
        let _ = writeln!(
            svg,
            "<text x=\"370\" y=\"402\" text-anchor=\"middle\">trained networks (trials)</text>\n\
             <text transform=\"translate(16,200) rotate(-90)\" text-anchor=\"middle\">regret ({})</text>",
            self.unit
        );
        for (m, (name, seeds)) in self.curves.iter().enumerate() {
            let colour = COLOURS[m % COLOURS.len()];
            let band = points(&quartile(seeds, 1), false) + &points(&quartile(seeds, 3), true);
            let median = points(&quartile(seeds, 2), false);
            let (line, text) = (60 + 20 * m, 64 + 20 * m);
            let _ = writeln!(
                svg,
                "<g clip-path=\"url(#frame)\"><path fill=\"{colour}\" fill-opacity=\"0.15\" d=\"M{band}z\"/>\
                 <path fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\" d=\"M{median}\"/></g>\
                 <path d=\"M540 {line} h30\" stroke=\"{colour}\" stroke-width=\"2\"/>\
                 <text x=\"578\" y=\"{text}\">{name}</text>"
            );
        }
        svg + "</svg>\n"
    }
}
