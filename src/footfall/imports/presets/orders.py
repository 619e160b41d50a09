"""Files of orders, one line a product. How lines become purchases, refunds and items: `footfall.imports.orders`.

Source of `online-retail`: UCI Machine Learning Repository, "Online Retail", whose invoices that begin with C are
credit notes.
"""

from __future__ import annotations

from typing import Final

from footfall.imports.presets.preset import Preset

ORDERS: Final = Preset(
    name="orders",
    about="lines of orders: order_id, timestamp, product_id, quantity, price and whose they are, or mapped to these",
    is_orders=True,
)
ONLINE_RETAIL: Final = Preset(
    name="online-retail",
    about="UCI Online Retail (InvoiceNo, StockCode, Description, Quantity, InvoiceDate, UnitPrice, CustomerID, …)",
    columns={
        "InvoiceNo": "order_id",
        "StockCode": "product_id",
        "Quantity": "quantity",
        "InvoiceDate": "timestamp",
        "UnitPrice": "price",
        "CustomerID": "user_id",
        "Country": "country",
    },
    is_orders=True,
)
