export interface Geometry {
  hidden: number;
  heads: number;
  kvHeads: number;
  headSize: number;
  intermediate: number;
  layers: number;
  seed: number;
}

export const GEOMETRY: Geometry;
