//! Names of people, and their e-mail addresses.

use rand::rngs::StdRng;
use rand::seq::SliceRandom;

const GIVEN: &str = "\
    Amara Anders Anjali Ayşe Beatriz Bogdan Camille Carlos Chidi Chloé Daniel Daria Diego Eilidh Elif Emeka \
    Farid Fatima Felix Freya Gabriel Giulia Hana Haruto Ingrid Isaac Ivana Jakub Jamal Jonas Julia Karim \
    Katarzyna Lars Leila Lin Luca Magdalena Mateo Maya Mei Mohammed Nadia Niamh Nikhil Noor Olivia Omar \
    Oskar Paula Priya Rafael Rosa Ruben Samir Sara Sven Thandi Tuan Valentina Viktor Wei Yusuf Zuzana";

const FAMILY: &str = "\
    Adeyemi Ahmed Almeida Andersson Bauer Becker Bianchi Bose Brennan Castillo Chen Chaudhry Costa Dubois \
    Dvořák Eriksen Fernández Fischer Fraser Garcia Gupta Haddad Hansen Hoffmann Horvat Hussain Ibrahim \
    Ivanov Iyer Jansen Jensen Kaplan Khan Kim Kovač Kowalczyk Lambert Larsson Lee Lindqvist Lopez Marino \
    Martin Meyer Mwangi Nakamura Nguyen Novak O'Brien Okafor Oliveira Park Patel Petrov Popescu Ramirez \
    Rossi Sato Schneider Silva Singh Tran Weber Yılmaz";

/// `count` different names. When all combinations are used, family names get a second part.
pub(super) fn names(count: usize, rng: &mut StdRng) -> Vec<(String, String)> {
    let mut singles: Vec<(String, String)> = GIVEN
        .split_whitespace()
        .flat_map(|given| {
            FAMILY
                .split_whitespace()
                .map(|family| (given.to_owned(), family.to_owned()))
        })
        .collect();
    singles.shuffle(rng);
    let doubles = GIVEN.split_whitespace().flat_map(|given| {
        FAMILY.split_whitespace().flat_map(move |first| {
            FAMILY
                .split_whitespace()
                .map(move |second| (given.to_owned(), format!("{first}-{second}")))
        })
    });
    singles.into_iter().chain(doubles).take(count).collect()
}

/// An e-mail address in ASCII.
pub(super) fn address(given: &str, family: &str) -> String {
    let plain = |name: &str| -> String { name.to_lowercase().chars().filter_map(to_ascii).collect() };
    format!("{}.{}@acme.example", plain(given), plain(family))
}

fn to_ascii(letter: char) -> Option<char> {
    match letter {
        'á' | 'ã' => Some('a'),
        'č' => Some('c'),
        'é' => Some('e'),
        'í' | 'ı' => Some('i'),
        'ö' | 'ó' => Some('o'),
        'ř' => Some('r'),
        'ş' => Some('s'),
        letter if letter.is_ascii_alphanumeric() || letter == '-' => Some(letter),
        _ => None,
    }
}
