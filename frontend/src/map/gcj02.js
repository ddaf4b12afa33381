// GCJ-02 for display only: the server converts what is stored (app/kernel/datum.py). Undefined outside China.
const AXIS = 6378245.0;
const ECCENTRICITY = 0.00669342162296594323;
const radians = (degrees) => (degrees * Math.PI) / 180;

const wave = (x, ...parts) => parts.reduce((sum, [size, length]) => sum + size * Math.sin(x * length * Math.PI), 0);
const ripple = (x) => ((20 * Math.sin(6 * x * Math.PI) + 20 * Math.sin(2 * x * Math.PI)) * 2) / 3;

function north(x, y) {
  return -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * Math.sqrt(Math.abs(x)) + ripple(x)
    + (wave(y, [20, 1], [40, 1 / 3]) * 2) / 3 + (wave(y, [160, 1 / 12], [320, 1 / 30]) * 2) / 3;
}

function east(x, y) {
  return 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * Math.sqrt(Math.abs(x)) + ripple(x)
    + (wave(x, [20, 1], [40, 1 / 3]) * 2) / 3 + (wave(x, [150, 1 / 12], [300, 1 / 30]) * 2) / 3;
}

/** WGS-84 lon, lat in GCJ-02; null outside China. */
export function toGcj02(lon, lat) {
  if (lon < 72.004 || lon > 137.8347 || lat < 0.8293 || lat > 55.8271) return null;
  const sine = Math.sin(radians(lat));
  const flat = 1 - ECCENTRICITY * sine * sine;
  const meridian = (AXIS * (1 - ECCENTRICITY)) / (flat * Math.sqrt(flat));
  const parallel = (AXIS / Math.sqrt(flat)) * Math.cos(radians(lat));
  const perRadian = 180 / Math.PI;
  return [lon + (east(lon - 105, lat - 35) * perRadian) / parallel, lat + (north(lon - 105, lat - 35) * perRadian) / meridian];
}
