//! The order that mode `order` sends: about 2 KB of every common kind of field.

use crate::proto::bench::order::{Payment, State};
use crate::proto::bench::{Address, Item, Order};
use protocall::buffa::Message;
use std::error::Error;
use std::io::Write;

/// Prints the encoded order.
pub(crate) fn print() -> Result<(), Box<dyn Error>> {
    std::io::stdout().write_all(&example().encode_to_vec())?;
    Ok(())
}

/// The order.
pub(crate) fn example() -> Order {
    Order {
        id: "7d1f0c52-5a34-4c8e-9f0f-3f1f3a1d2b60".into(),
        number: 4_512_903_771,
        created_ns: 1_781_234_567_890_123_456,
        time_zone_minutes: -480,
        state: State::STATE_PAID.into(),
        customer_id: "customer-00918273".into(),
        customer_name: "Ada Example".into(),
        email: "ada@shop.example".into(),
        phone: "+1 555 0100 200".into(),
        returning: true,
        loyalty_points: 18_250,
        currency: "EUR".into(),
        subtotal_cents: 129_870,
        tax_cents: 24_675,
        shipping_cents: 990,
        discount_cents: 5_000,
        total_cents: 150_535,
        exchange_rate: 1.0837,
        weight_kg: 7.25,
        shipping: address("Ada Example", "12 Long Harbour Street").into(),
        billing: address("Example Trading Company", "3 Market Square, 2nd floor").into(),
        items: (0..8).map(item).collect(),
        labels: pairs(&[
            ("channel", "web"),
            ("campaign", "autumn-2026"),
            ("priority", "standard"),
            ("segment", "returning-customers"),
        ]),
        counters: [("views", 182), ("edits", 7), ("payments", 2)]
            .map(|(name, count)| (name.to_owned(), count))
            .into_iter()
            .collect(),
        coupons: vec!["WELCOME-BACK-10".into(), "FREE-SHIPPING".into()],
        warehouse_ids: vec![3, 17, 204, 1_931],
        route_km: vec![12.5, 310.75, 88.0, 4.25],
        signature: (0u8..64).collect(),
        carrier: "Overland Parcel".into(),
        tracking_number: "OP-2026-1123-99187265".into(),
        gift_message: Some("Happy birthday, and many more!".into()),
        payment: Some(Payment::CardToken("tok_9f8e7d6c5b4a39281706".into())),
        note: "Please ring twice; the dog is friendly.".into(),
        revision: 12,
        ..Default::default()
    }
}

fn address(name: &str, street: &str) -> Address {
    Address {
        name: name.into(),
        street: street.into(),
        city: "Port Example".into(),
        region: "North Coast".into(),
        postal_code: "AB12 3CD".into(),
        country: "DE".into(),
        latitude: 53.551_086,
        longitude: 9.993_682,
        ..Default::default()
    }
}

fn item(index: u32) -> Item {
    Item {
        sku: format!("SKU-{:06}-{index}", 130_531 * (index + 1) % 1_000_000),
        title: format!("Walnut shelf with brass brackets, model {index}"),
        quantity: index + 1,
        price_cents: 2_499 + 1_350 * i64::from(index),
        weight_kg: 0.75 + index as f32,
        tags: vec!["furniture".into(), "oak".into(), "sale".into()],
        attributes: pairs(&[("colour", "natural"), ("width", "80 cm"), ("finish", "oiled")]),
        ..Default::default()
    }
}

/// A map's entries, of whichever type the field's map is.
fn pairs<M: FromIterator<(String, String)>>(pairs: &[(&str, &str)]) -> M {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}
