"""What an app may look like so that it fits the chart: the document behind smart_style_url."""

# Source: SMART 2.2, Scopes and Launch Context, Styling; the colours are those of the chart
STYLE = {
    "color_background": "#fbfbfa",
    "color_error": "#7d1a12",
    "color_highlight": "#0b5394",
    "color_modal_backdrop": "",
    "color_success": "#1c5127",
    "color_text": "#1d2328",
    "dim_border_radius": "8px",
    "dim_font_size": "16px",
    "dim_spacing_size": "16px",
    "font_family_body": "system-ui, sans-serif",
    "font_family_heading": "system-ui, sans-serif",
}
