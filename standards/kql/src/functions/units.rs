//! `convert_*( )`: one unit of measure to another.

use super::{Run, at, text};
use crate::{Value, value::as_real};

type Unit = (&'static str, f64);

pub(super) fn run(name: &str) -> Option<Run> {
    Some(match name {
        "convert_angle" => |args| converted(args, ANGLES),
        "convert_energy" => |args| converted(args, ENERGIES),
        "convert_force" => |args| converted(args, FORCES),
        "convert_length" => |args| converted(args, LENGTHS),
        "convert_mass" => |args| converted(args, MASSES),
        "convert_speed" => |args| converted(args, SPEEDS),
        "convert_volume" => |args| converted(args, VOLUMES),
        "convert_temperature" => temperature,
        _ => return None,
    })
}

fn converted(args: &[Value], units: &[Unit]) -> Value {
    let factor = |index: usize| {
        let name = text(args, index);
        units.iter().find(|(known, _)| *known == name).map(|(_, factor)| *factor)
    };
    let (Some(amount), Some(from), Some(to)) = (as_real(at(args, 0)), factor(1), factor(2)) else { return Value::Null };
    Value::Real(amount * from / to)
}

/// The unit, what its zero is in kelvin, how many of it make a kelvin.
const TEMPERATURES: [(&str, f64, f64); 9] = [
    ("Kelvin", 0.0, 1.0),
    ("DegreeCelsius", 273.15, 1.0),
    ("DegreeFahrenheit", 459.67 * 5.0 / 9.0, 1.8),
    ("DegreeRankine", 0.0, 1.8),
    ("DegreeReaumur", 273.15, 0.8),
    ("DegreeRoemer", 273.15 - 7.5 * 40.0 / 21.0, 21.0 / 40.0),
    ("DegreeNewton", 273.15, 0.33),
    ("DegreeDelisle", 373.15, -1.5),
    ("MillidegreeCelsius", 273.15, 1000.0),
];

fn temperature(args: &[Value]) -> Value {
    let unit = |index: usize| {
        let name = text(args, index);
        TEMPERATURES.iter().find(|(known, ..)| *known == name)
    };
    let (Some(amount), Some(from), Some(to)) = (as_real(at(args, 0)), unit(1), unit(2)) else { return Value::Null };
    Value::Real((amount / from.2 + from.1 - to.1) * to.2)
}

const ARC: f64 = std::f64::consts::PI / 180.0;

const ANGLES: &[Unit] = &[
    ("Arcminute", ARC / 60.0),
    ("Arcsecond", ARC / 3600.0),
    ("Centiradian", 1e-2),
    ("Deciradian", 1e-1),
    ("Degree", ARC),
    ("Gradian", ARC * 0.9),
    ("Microdegree", ARC * 1e-6),
    ("Microradian", 1e-6),
    ("Millidegree", ARC * 1e-3),
    ("Milliradian", 1e-3),
    ("Nanodegree", ARC * 1e-9),
    ("Nanoradian", 1e-9),
    ("NatoMil", ARC * 360.0 / 6400.0),
    ("Radian", 1.0),
    ("Revolution", ARC * 360.0),
    ("Tilt", 1.0),
];

const ENERGIES: &[Unit] = &[
    ("BritishThermalUnit", 1055.05585262),
    ("Calorie", 4.184),
    ("DecathermEc", 1.05505585262e9),
    ("DecathermImperial", 1.05505585257348e9),
    ("DecathermUs", 1.054804e9),
    ("ElectronVolt", 1.602176565e-19),
    ("Erg", 1e-7),
    ("FootPound", 1.355817948),
    ("GigabritishThermalUnit", 1055.05585262e9),
    ("GigaelectronVolt", 1.602176565e-10),
    ("Gigajoule", 1e9),
    ("GigawattDay", 8.64e13),
    ("GigawattHour", 3.6e12),
    ("HorsepowerHour", 2.6845195377e6),
    ("Joule", 1.0),
    ("KilobritishThermalUnit", 1055.05585262e3),
    ("Kilocalorie", 4184.0),
    ("KiloelectronVolt", 1.602176565e-16),
    ("Kilojoule", 1e3),
    ("KilowattDay", 8.64e7),
    ("KilowattHour", 3.6e6),
    ("MegabritishThermalUnit", 1055.05585262e6),
    ("Megacalorie", 4.184e6),
    ("MegaelectronVolt", 1.602176565e-13),
    ("Megajoule", 1e6),
    ("MegawattDay", 8.64e10),
    ("MegawattHour", 3.6e9),
    ("Millijoule", 1e-3),
    ("TeraelectronVolt", 1.602176565e-7),
    ("TerawattDay", 8.64e16),
    ("TerawattHour", 3.6e15),
    ("ThermEc", 1.05505585262e8),
    ("ThermImperial", 1.05505585257348e8),
    ("ThermUs", 1.054804e8),
    ("WattDay", 86400.0),
    ("WattHour", 3600.0),
];

const GRAVITY: f64 = 9.80665;

const FORCES: &[Unit] = &[
    ("Decanewton", 10.0),
    ("Dyn", 1e-5),
    ("KilogramForce", GRAVITY),
    ("Kilonewton", 1e3),
    ("KiloPond", GRAVITY),
    ("KilopoundForce", 4_448.221_615_260_509),
    ("Meganewton", 1e6),
    ("Micronewton", 1e-6),
    ("Millinewton", 1e-3),
    ("Newton", 1.0),
    ("OunceForce", 4.448_221_615_260_51 / 16.0),
    ("Poundal", 0.138254954376),
    ("PoundForce", 4.448_221_615_260_51),
    ("ShortTonForce", 8896.443230521),
    ("TonneForce", GRAVITY * 1e3),
];

const LENGTHS: &[Unit] = &[
    ("Angstrom", 1e-10),
    ("AstronomicalUnit", 1.4959787070e11),
    ("Centimeter", 1e-2),
    ("Chain", 20.1168),
    ("DataMile", 1828.8),
    ("Decameter", 10.0),
    ("Decimeter", 1e-1),
    ("DtpPica", 0.0254 / 6.0),
    ("DtpPoint", 0.0254 / 72.0),
    ("Fathom", 1.8288),
    ("Foot", 0.3048),
    ("Hand", 0.1016),
    ("Hectometer", 100.0),
    ("Inch", 0.0254),
    ("KilolightYear", 9.46073047258e18),
    ("Kilometer", 1e3),
    ("Kiloparsec", 3.08567758128e19),
    ("LightYear", 9.46073047258e15),
    ("MegalightYear", 9.46073047258e21),
    ("Megaparsec", 3.08567758128e22),
    ("Meter", 1.0),
    ("Microinch", 0.0254e-6),
    ("Micrometer", 1e-6),
    ("Mil", 0.0254e-3),
    ("Mile", 1609.344),
    ("Millimeter", 1e-3),
    ("Nanometer", 1e-9),
    ("NauticalMile", 1852.0),
    ("Parsec", 3.08567758128e16),
    ("PrinterPica", 0.0254 * 0.166044),
    ("PrinterPoint", 0.0254 * 0.013837),
    ("Shackle", 27.432),
    ("SolarRadius", 6.95510e8),
    ("Twip", 0.0254 / 1440.0),
    ("UsSurveyFoot", 1200.0 / 3937.0),
    ("Yard", 0.9144),
];

const POUND: f64 = 0.45359237;

const MASSES: &[Unit] = &[
    ("Centigram", 1e-5),
    ("Decagram", 1e-2),
    ("Decigram", 1e-4),
    ("EarthMass", 5.9722e24),
    ("Grain", 64.79891e-6),
    ("Gram", 1e-3),
    ("Hectogram", 1e-1),
    ("Kilogram", 1.0),
    ("Kilopound", POUND * 1e3),
    ("Kilotonne", 1e6),
    ("LongHundredweight", POUND * 112.0),
    ("LongTon", POUND * 2240.0),
    ("Megapound", POUND * 1e6),
    ("Megatonne", 1e9),
    ("Microgram", 1e-9),
    ("Milligram", 1e-6),
    ("Nanogram", 1e-12),
    ("Ounce", POUND / 16.0),
    ("Pound", POUND),
    ("ShortHundredweight", POUND * 100.0),
    ("ShortTon", POUND * 2000.0),
    ("Slug", 14.593903),
    ("SolarMass", 1.98947e30),
    ("Stone", POUND * 14.0),
    ("Tonne", 1e3),
];

const SPEEDS: &[Unit] = &[
    ("CentimeterPerHour", 1e-2 / 3600.0),
    ("CentimeterPerMinute", 1e-2 / 60.0),
    ("CentimeterPerSecond", 1e-2),
    ("DecimeterPerMinute", 1e-1 / 60.0),
    ("DecimeterPerSecond", 1e-1),
    ("FootPerHour", 0.3048 / 3600.0),
    ("FootPerMinute", 0.3048 / 60.0),
    ("FootPerSecond", 0.3048),
    ("InchPerHour", 0.0254 / 3600.0),
    ("InchPerMinute", 0.0254 / 60.0),
    ("InchPerSecond", 0.0254),
    ("KilometerPerHour", 1e3 / 3600.0),
    ("KilometerPerMinute", 1e3 / 60.0),
    ("KilometerPerSecond", 1e3),
    ("Knot", 1852.0 / 3600.0),
    ("MeterPerHour", 1.0 / 3600.0),
    ("MeterPerMinute", 1.0 / 60.0),
    ("MeterPerSecond", 1.0),
    ("MicrometerPerMinute", 1e-6 / 60.0),
    ("MicrometerPerSecond", 1e-6),
    ("MilePerHour", 0.44704),
    ("MillimeterPerHour", 1e-3 / 3600.0),
    ("MillimeterPerMinute", 1e-3 / 60.0),
    ("MillimeterPerSecond", 1e-3),
    ("NanometerPerMinute", 1e-9 / 60.0),
    ("NanometerPerSecond", 1e-9),
    ("UsSurveyFootPerHour", 1200.0 / 3937.0 / 3600.0),
    ("UsSurveyFootPerMinute", 1200.0 / 3937.0 / 60.0),
    ("UsSurveyFootPerSecond", 1200.0 / 3937.0),
    ("YardPerHour", 0.9144 / 3600.0),
    ("YardPerMinute", 0.9144 / 60.0),
    ("YardPerSecond", 0.9144),
];

const VOLUMES: &[Unit] = &[
    ("AcreFoot", 1.0 / 0.000810714),
    ("AuTablespoon", 2e-5),
    ("BoardFoot", 2.3597372158e-3),
    ("Centiliter", 1e-5),
    ("CubicCentimeter", 1e-6),
    ("CubicDecimeter", 1e-3),
    ("CubicFoot", 0.028316846592),
    ("CubicHectometer", 1e6),
    ("CubicInch", 1.6387064e-5),
    ("CubicKilometer", 1e9),
    ("CubicMeter", 1.0),
    ("CubicMicrometer", 1e-18),
    ("CubicMile", 4.16818182544058e9),
    ("CubicMillimeter", 1e-9),
    ("CubicYard", 0.764554857984),
    ("Decaliter", 1e-2),
    ("DecausGallon", 3.785411784e-2),
    ("Deciliter", 1e-4),
    ("DeciusGallon", 3.785411784e-4),
    ("HectocubicFoot", 2.8316846592),
    ("HectocubicMeter", 100.0),
    ("Hectoliter", 1e-1),
    ("HectousGallon", 0.3785411784),
    ("ImperialBeerBarrel", 0.16365924),
    ("ImperialGallon", 4.54609e-3),
    ("ImperialOunce", 2.84130625e-5),
    ("ImperialPint", 5.6826125e-4),
    ("KilocubicFoot", 28.316846592),
    ("KilocubicMeter", 1e3),
    ("KiloimperialGallon", 4.54609),
    ("Kiloliter", 1.0),
    ("KilousGallon", 3.785411784),
    ("Liter", 1e-3),
    ("MegacubicFoot", 28316.846592),
    ("MegaimperialGallon", 4546.09),
    ("Megaliter", 1e3),
    ("MegausGallon", 3785.411784),
    ("MetricCup", 2.5e-4),
    ("MetricTeaspoon", 5e-6),
    ("Microliter", 1e-9),
    ("Milliliter", 1e-6),
    ("OilBarrel", 0.158987294928),
    ("UkTablespoon", 1.5e-5),
    ("UsBeerBarrel", 0.117347765304),
    ("UsCustomaryCup", 2.365882365e-4),
    ("UsGallon", 3.785411784e-3),
    ("UsLegalCup", 2.4e-4),
    ("UsOunce", 2.95735295625e-5),
    ("UsPint", 4.73176473e-4),
    ("UsQuart", 9.46352946e-4),
    ("UsTablespoon", 1.478676478125e-5),
    ("UsTeaspoon", 4.92892159375e-6),
];
